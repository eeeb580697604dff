import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { BackgroundWork } from './background-work.ts';
import { CallLog } from './call-log.ts';
import { type Identity, systemRandom } from './caller-identity.ts';
import { dynamoDb } from './dynamodb.ts';
import { type BusEvent, busEvent, type EventContent, eventBus, forwardedEvent } from './event-bus.ts';
import type { FaultHook } from './fault.ts';
import { LocalFunctions } from './function-registry.ts';
import { httpListener } from './http-listener.ts';
import { kms } from './kms/kms.ts';
import { SigningKeys } from './kms/signing-keys.ts';
import { lambda } from './lambda.ts';
import { ParametersStateSchema } from './parameter-store/parameter-record.ts';
import { parameterStore } from './parameter-store/parameter-store.ts';
import { type ParameterChange, Parameters } from './parameter-store/parameters.ts';
import { SecretsStateSchema } from './secrets-manager/secret-record.ts';
import { Secrets } from './secrets-manager/secrets.ts';
import { secretsManager } from './secrets-manager/secrets-manager.ts';
import { LocalQueues } from './sqs/queues.ts';
import { sqs } from './sqs/sqs.ts';
import { StateFile } from './state-file.ts';
import { IdentityIssuer, ISSUER_PATH } from './sts/identity-issuer.ts';
import { sts } from './sts/sts.ts';
import type { Authorize } from './wire/message.ts';

export interface AwsEndpointOptions {
  /** 0 picks a free one. */
  readonly port: number;
  /** A loopback address. @default '127.0.0.1' */
  readonly host?: string;
  /** @default the system's clock */
  readonly clock?: Identity['clock'];
  /** @default the system's */
  readonly random?: Identity['random'];
  /** How long every version of a secret is kept and counts against its quota. @default 86_400_000 */
  readonly versionDayMs?: number;
  /** The only Region that signatures may name. @default 'us-east-1' */
  readonly region?: string;
  /** @default '000000000000' */
  readonly accountId?: string;
  /** Where secrets, parameters and tables outlive the endpoint, which releases it. @default in memory only */
  readonly dataDirectory?: DataDirectory;
  /** @default everyone may do everything */
  readonly authorize?: Authorize;
  /** ARN of the role that signs with an access key: whose identity STS tells. @default `…:role/local` */
  readonly roleOf?: (accessKeyId: string) => string | undefined;
}

/** A directory that no other endpoint uses. */
export interface DataDirectory {
  fileNamed(name: string): string;
  release(): Promise<void>;
}

type Listener<Event> = (event: Event) => unknown;

export interface AwsEndpoint {
  /** For `AWS_ENDPOINT_URL`. */
  readonly url: string;
  /** What answers each request, for who is in the same process and needs no socket. */
  readonly listener: RequestListener;
  /** What Lambda can invoke. */
  readonly functions: LocalFunctions;
  readonly calls: CallLog;
  /** What KMS holds. */
  readonly signingKeys: SigningKeys;
  /** The queues of SQS. */
  readonly queues: LocalQueues;
  /** The issuer of identity tokens, whose metadata (OpenID Connect Discovery) anybody may read. */
  readonly identityIssuer: string;
  /** Decides what goes wrong; undefined for nothing. */
  inject: FaultHook | undefined;
  /** What a policy asks about a secret, by name or ARN; `undefined` when there is none. */
  secret(id: string): { readonly arn: string; readonly keyId?: string | undefined } | undefined;
  /** The same about a parameter. A SecureString without a key id is under the account's `aws/ssm`. */
  parameter(id: string): ReturnType<Parameters['reference']>;
  /** Tells of every event put on the bus, after PutEvents was answered. @returns a function that ends it */
  onEvent(listener: Listener<BusEvent>): () => void;
  /** Puts an event on the bus that happened in another account, which forwards it here. */
  forwardEvent(account: string, content: EventContent): void;
  /** Tells of changed parameters, as EventBridge does: source `aws.ssm`. @returns a function that ends it */
  onParameterChange(listener: Listener<BusEvent>): () => void;
  /** Resolves when no event is being delivered and no function runs. */
  idle(): Promise<void>;
  /** Lets functions and calls finish, then stops listening and frees the data directory. */
  close(): Promise<void>;
}

const LOOPBACK = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|::1)$/;

/**
 * Starts the AWS services that the project calls on one loopback endpoint.
 * @throws TypeError when `host` is not a loopback address
 * @throws Error when the port is taken, or the data directory is damaged
 */
export async function startAwsEndpoint(options: AwsEndpointOptions): Promise<AwsEndpoint> {
  const { host = '127.0.0.1', versionDayMs = 86_400_000 } = options;
  if (!LOOPBACK.test(host)) throw new TypeError(`host must be a loopback address, not ${host}`);
  const identity: Identity = {
    region: options.region ?? 'us-east-1',
    accountId: options.accountId ?? '000000000000',
    clock: options.clock ?? Date,
    random: options.random ?? systemRandom,
  };
  await using cleanup = new AsyncDisposableStack();

  const background = new BackgroundWork();
  const eventListeners = new Set<Listener<BusEvent>>();
  const changeListeners = new Set<Listener<BusEvent>>();
  const deliver = (listeners: ReadonlySet<Listener<BusEvent>>, event: BusEvent) => {
    const what = `a listener of ${event['detail-type']}`;
    for (const listener of listeners) background.start(what, () => listener(event));
  };
  const secrets = new Secrets(identity, versionDayMs);
  const parameters = new Parameters(identity, (change) => {
    deliver(changeListeners, parameterEvent(identity, change, parameters.arnOf(change.name)));
  });

  let saveSecrets = async () => {};
  let saveParameters = async () => {};
  let tablesPath: string | undefined;
  if (options.dataDirectory !== undefined) {
    const directory = options.dataDirectory;
    cleanup.defer(() => directory.release());
    const secretsFile = new StateFile(directory.fileNamed('secrets.json'), SecretsStateSchema);
    const parametersFile = new StateFile(directory.fileNamed('parameters.json'), ParametersStateSchema);
    secrets.restore((await secretsFile.load()) ?? { schema: 1, secrets: [] });
    parameters.restore((await parametersFile.load()) ?? { schema: 1, parameters: [] });
    saveSecrets = () => secretsFile.save(() => secrets.snapshot());
    saveParameters = () => parametersFile.save(() => parameters.snapshot());
    tablesPath = directory.fileNamed('tables');
  }
  const tables = dynamoDb(tablesPath);
  cleanup.defer(() => tables.close());

  const functions = new LocalFunctions(identity, background);
  const signingKeys = new SigningKeys(identity);
  const queues = new LocalQueues(identity, () => endpoint.url);
  const issuer = new IdentityIssuer(identity, () => endpoint.url);
  const calls = new CallLog();
  const stopping = new AbortController();
  const listener = httpListener({
    identity,
    calls,
    stopping: stopping.signal,
    faults: () => endpoint.inject,
    authorize: options.authorize,
    document: (path) => issuer.document(path),
    services: [
      secretsManager({ identity, secrets, functions, background, save: saveSecrets }),
      parameterStore(parameters, saveParameters),
      tables.service,
      eventBus(identity, (event) => deliver(eventListeners, event)),
      lambda(functions, background),
      kms(signingKeys),
      sqs(queues),
      sts({ identity, issuer, roleOf: options.roleOf ?? (() => undefined) }),
    ],
  });
  const server = createServer(listener);
  await once(server.listen(options.port, host), 'listening');
  cleanup.defer(promisify(server.close.bind(server)));
  // First of all: what runs may need the services to come to its end.
  cleanup.defer(() => background.idle());
  cleanup.defer(() => stopping.abort());

  const resources = cleanup.move();
  const endpoint: AwsEndpoint = {
    url: urlOf(server),
    listener,
    functions,
    calls,
    signingKeys,
    queues,
    identityIssuer: `${urlOf(server)}${ISSUER_PATH}`,
    inject: undefined,
    secret: (id) => secrets.reference(id),
    parameter: (id) => parameters.reference(id),
    onEvent: (fn) => subscribe(eventListeners, fn),
    forwardEvent: (account, content) =>
      deliver(eventListeners, forwardedEvent(identity, account, content, identity.clock.now())),
    onParameterChange: (fn) => subscribe(changeListeners, fn),
    idle: () => background.idle(),
    close: () => resources.disposeAsync(),
  };
  return endpoint;
}

function subscribe<Event>(listeners: Set<Listener<Event>>, listener: Listener<Event>): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function parameterEvent(identity: Identity, change: ParameterChange, arn: string): BusEvent {
  const envelope = { 'detail-type': 'Parameter Store Change', source: 'aws.ssm', resources: [arn] };
  return busEvent(identity, { ...envelope, detail: { ...change } }, identity.clock.now());
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
