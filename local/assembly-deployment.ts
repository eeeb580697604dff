import { createHash } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { WrongUsage } from '../cli/command-failed.ts';
import { functionName } from '../functions/aws/resource-names.ts';
import { compose } from '../functions/handlers/composition.ts';
import { readAssembly } from './assembly/assembly.ts';
import { createResources } from './assembly/create-resources.ts';
import { declareOrigins } from './assembly/declared-origins.ts';
import { Deployed, type DeployedFunction } from './assembly/deployed.ts';
import { matchesPattern } from './assembly/event-pattern.ts';
import { functionCreators } from './assembly/resources/function-resources.ts';
import { identityCreators } from './assembly/resources/identity-resources.ts';
import { operationsCreators } from './assembly/resources/operation-resources.ts';
import { storageCreators } from './assembly/resources/storage-resources.ts';
import { RunningFunctions } from './assembly/running-functions.ts';
import { type SynthesisOptions, synthesiseOnce } from './assembly/synthesis.ts';
import { AssemblyError } from './assembly/template.ts';
import type { BusEvent } from './aws/event-bus.ts';
import type { LocalQueue } from './aws/sqs/queues.ts';
import { AwsError } from './aws/wire/error-answer.ts';
import { readQuery } from './aws/wire/query-protocol.ts';
import { LOCAL_REGION } from './endpoint-clients.ts';
import { type Account, iamArn } from './iam/account.ts';
import { Authorizer, type JudgedPermission } from './iam/authorizer.ts';
import type { Statement } from './iam/policy-evaluator.ts';
import { quiet } from './in-process-deployment.ts';
import type { DeployedFunctions, Deployment, DeployProps } from './local-deployment.ts';
import type { Delivery } from './queue-poller.ts';
import { seedValues } from './seed.ts';

const ACCOUNT: Account = {
  partition: 'aws',
  region: LOCAL_REGION,
  accountId: '000000000000',
  urlSuffix: 'amazonaws.com',
};
const MINUTE_MS = 60_000;

export interface AssemblyDeploymentOptions {
  /** Called before synthesis, which takes some seconds, when nothing like it was synthesised before. */
  readonly onSynthesis?: () => void;
  readonly onRefused?: (refused: JudgedPermission) => void;
  /** Told of each name that a function would look up and may not. */
  readonly onRefusedLookup?: (hostname: string) => void;
  /** Answers with the folder of an assembly. Default: runs the CDK app, or finds what it made before. */
  readonly synthesise?: (options: SynthesisOptions) => Promise<string>;
}

/**
 * Deploys what is synthesised: resources as the templates say, functions as bundles in processes of their own
 * with the synthesised environment, under the synthesised permissions.
 */
export function assemblyDeployment(
  options: AssemblyDeploymentOptions,
): Deployment & { authorizer(): Authorizer } {
  const { onSynthesis, onRefused = () => {}, onRefusedLookup, synthesise = synthesiseOnce } = options;
  let authorizer: Authorizer | undefined;
  return {
    authorizer: () => {
      if (authorizer === undefined) throw new Error('nothing is deployed yet');
      return authorizer;
    },
    authorize: (accessKeyId, service, operation, resource, body) => {
      const input = readQuery(body)?.input ?? readJson(body);
      try {
        const refusal = authorizer?.refusal(accessKeyId, { service, operation, resource, input });
        return refusal && new AwsError(refusal.code, refusal.message);
      } catch (error) {
        // What cannot be judged is not allowed; the message names it.
        return new AwsError('UnknownOperationException', error instanceof Error ? error.message : 'unknown');
      }
    },
    roleOf: (accessKeyId) => authorizer?.roleOf(accessKeyId)?.arn,
    deploy: async (props) => {
      const deployed = new Deployed();
      authorizer = new Authorizer({
        account: ACCOUNT,
        known: {
          secret: (id) => props.endpoint.secret(id),
          parameter: (id) => props.endpoint.parameter(id),
          tableKey: (table) => deployed.tableKeys.get(table),
        },
        keyPolicy: (arn) => {
          const isSigning = props.endpoint.signingKeys.find(arn) !== undefined;
          const policy = deployed.keyPolicies.get(arn) ?? (isSigning ? LEFT_TO_IAM : undefined);
          if (policy === undefined) throw new AssemblyError(`there is no key ${arn}`);
          return policy;
        },
        onRefused,
      });
      try {
        return await deploy(props, {
          deployed,
          authorizer,
          synthesise,
          onSynthesis,
          onRefused,
          onRefusedLookup,
        });
      } catch (error) {
        throw error instanceof AssemblyError ? new WrongUsage(error.message) : error;
      }
    },
  };
}

/** Of a key that a person made: as `aws kms create-key` has it. */
const LEFT_TO_IAM: readonly Statement[] = [
  {
    Effect: 'Allow',
    Principal: { AWS: iamArn(ACCOUNT, 'root') },
    Action: 'kms:*',
    Resource: '*',
  },
];

function readJson(body: Buffer): Record<string, unknown> {
  return body.length === 0 ? {} : JSON.parse(body.toString());
}

interface Parts {
  readonly deployed: Deployed;
  readonly authorizer: Authorizer;
  readonly synthesise: typeof synthesiseOnce;
  readonly onSynthesis: (() => void) | undefined;
  readonly onRefused: (refused: JudgedPermission) => void;
  readonly onRefusedLookup: ((hostname: string) => void) | undefined;
}

async function deploy(props: DeployProps, parts: Parts): Promise<DeployedFunctions> {
  const { endpoint, clients, config, setup, clock } = props;
  const { deployed, authorizer, onRefused } = parts;
  const declared = declareOrigins(setup);
  const folder = await parts.synthesise({
    namespace: config.namespace,
    connections: declared.connections,
    onStart: parts.onSynthesis,
  });
  const assembly = await readAssembly(folder);
  const creators = {
    ...identityCreators(deployed, ACCOUNT),
    ...storageCreators({ deployed, account: ACCOUNT, clients, parameterValue: declared.localise }),
    ...functionCreators(deployed, ACCOUNT, assembly),
    ...operationsCreators(ACCOUNT, endpoint.queues),
  };
  // The deployment's last parameter makes it reconcile: nothing may run before all of it is there.
  let running: RunningFunctions | undefined;
  const ready = Promise.withResolvers<void>();
  const deliver = async (event: BusEvent) => {
    // The rules that are there when it happens: what a deployment wrote before them, nobody hears of.
    const rules = deployed.rules.filter(({ pattern }) => matchesPattern(pattern, event));
    await ready.promise;
    await running?.deliver(rules, event);
  };
  const unsubscribe = [endpoint.onParameterChange(deliver), endpoint.onEvent(deliver)];
  try {
    await createResources(assembly, creators, ACCOUNT);
    await seedValues(setup, props);
    for (const { role, name } of deployed.functions.values()) {
      authorizer.addSession(accessKeyOf(role.arn), role, name);
    }
    const environmentOf = ({ role }: DeployedFunction) => ({
      AWS_REGION: ACCOUNT.region,
      AWS_ENDPOINT_URL: endpoint.url,
      AWS_ACCESS_KEY_ID: accessKeyOf(role.arn),
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_SESSION_TOKEN: 'local',
      EVERTOKEN_ALLOWED_TOKEN_ORIGINS: config.allowedTokenOrigins.join(','),
      EVERTOKEN_TIME_SCALE: String(config.timeScale),
      // A provider of one's own may have a certificate that only this machine knows.
      ...extraCertificates(),
    });
    running = new RunningFunctions({
      deployed,
      authorizer,
      functions: endpoint.functions,
      environmentOf,
      lookups: config.allowedTokenOrigins.map((origin) => new URL(origin).hostname),
      onRefused,
      onRefusedLookup: parts.onRefusedLookup,
    });
    await setUpRotations(deployed, running, props);
  } finally {
    ready.resolve();
  }
  const started = running;
  const schedules = deployed.schedules.map((schedule) => ({
    name: schedule.name,
    everyMs: schedule.everyMs === MINUTE_MS ? props.tickSeconds * 1000 : schedule.everyMs / config.timeScale,
    run: () => started.runSchedule(schedule),
  }));
  const deliveries = deployed.deliveries.map((one) => {
    const queue = queueOf(endpoint, one.queueArn);
    const { batchSize } = one;
    const run: Delivery['run'] = (messages) => started.deliverMessages(one, queue, messages);
    return { queue, batchSize, run };
  });
  return {
    composition: quiet(
      compose(config, {
        clock,
        clients,
        logger: new Logger({ serviceName: 'evertoken', logLevel: 'SILENT' }),
      }),
    ),
    schedules,
    deliveries,
    refreshDue: () => scheduled(schedules, functionName(config.namespace, 'refresh-due')).run(),
    reconcile: () => scheduled(schedules, functionName(config.namespace, 'reconcile')).run(),
    permissions: () => ({ ...authorizer.counts, unused: authorizer.unused }),
    close: () => {
      for (const end of unsubscribe) end();
      started.close();
    },
  };
}

/** As CloudFormation does for a rotation schedule, once the functions are there. */
async function setUpRotations(
  { rotations }: Deployed,
  running: RunningFunctions,
  { clients, endpoint }: DeployProps,
): Promise<void> {
  for (const { secretId, functionArn } of rotations) {
    const arn = endpoint.secret(secretId)?.arn ?? secretId;
    if (!running.mayInvoke('secretsmanager.amazonaws.com', arn, functionArn)) continue;
    const rotation = { SecretId: secretId, RotationLambdaARN: functionArn, RotateImmediately: false };
    await clients.secretsManager.send(new RotateSecretCommand(rotation));
  }
}

function queueOf({ queues }: DeployProps['endpoint'], arn: string): LocalQueue {
  const found = queues.find(arn);
  if (found === undefined) throw new AssemblyError(`there is no queue ${arn}`);
  return found;
}

function scheduled<One extends { readonly name: string }>(schedules: readonly One[], name: string): One {
  const found = schedules.find((one) => one.name === name);
  if (found === undefined) throw new AssemblyError(`there is no schedule ${name}`);
  return found;
}

function extraCertificates(): Readonly<Record<string, string>> {
  const { NODE_EXTRA_CA_CERTS: file } = process.env;
  return file === undefined ? {} : { NODE_EXTRA_CA_CERTS: file };
}

/** One for each role, so that the endpoint knows who calls. It has the form of AWS's. */
function accessKeyOf(roleArn: string): string {
  const digits = createHash('sha256').update(roleArn).digest('hex').toUpperCase();
  return `ASIA${digits.slice(0, 16)}`;
}
