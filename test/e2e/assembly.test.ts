import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetSecretValueCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SynthesisOptions } from '../../local/assembly/synthesis.ts';
import { assemblyDeployment } from '../../local/assembly-deployment.ts';
import { demoSetup, type LocalSetup } from '../../local/connections.ts';
import type { DemoProviders } from '../../local/demo/demo-providers.ts';
import type { JsonEvent } from '../../local/demo/json-lines.ts';
import { createLocalAwsClients, LOCAL_REGION, type LocalAwsClients } from '../../local/endpoint-clients.ts';
import type { LocalSystem } from '../../local/system.ts';
import {
  startSynthesisedSystem,
  synthesiseWithout,
  type TemplateResources,
  until,
} from '../support/synthesised-system.ts';

/** What no run of these tests needs; test/infra/permissions.test.ts fails for each when it is taken out. */
const PROVEN_ELSEWHERE = [
  ...['refresh-due', 'refresh-now', 'rotate-secret'].flatMap((name) => [
    `${name} RescueRefreshTokens`,
    `${name} UseKeyForRescues`,
    // After some eighty refreshes of tokens of minutes.
    `${name} MakeRingsOfSecrets`,
  ]),
  // Only if it is set up before the connection is registered.
  'rotate-secret ReadDeclarations',
  // The connection that is rotated lies in its secret.
  ...['AskToBeWoken', 'PublishTokensOfMinutes', 'UseKeyForTokensOfMinutes'].map(
    (sid) => `rotate-secret ${sid}`,
  ),
  'rotate-secret PublishTokensOfMinutes',
  'rotate-secret UseKeyForTokensOfMinutes',
  // It has nothing to say unless it fails.
  'status-widget logs:CreateLogStream, logs:PutLogEvents',
  'reconcile TellEvents',
  'reconcile sqs:SendMessage',
  'Schedules KeepWhatCannotBeDelivered',
];
const FORWARDED = {
  source: 'their.service',
  'detail-type': 'Refresh Requested',
  resources: [],
  detail: { namespace: 'evertoken', connections: ['kajabi-demo'], force: true },
};
const SYNTHESIS_MS = 60_000;
const MINUTES = 'minutes-demo';

/** The demo, with a connection that the console may rotate, and one whose token lies in a parameter. */
async function setup(providers: DemoProviders): Promise<LocalSetup> {
  const demo = await demoSetup(providers);
  const connections = demo.connections.map((one) =>
    one.name === 'kajabi-demo' ? { ...one, definition: { ...one.definition, consoleRotate: true } } : one,
  );
  const slashid = connections.find(({ name }) => name === 'slashid-demo');
  if (slashid === undefined) throw new Error('the demo has no slashid-demo');
  const minutes = {
    ...slashid,
    name: MINUTES,
    definition: { ...slashid.definition, publishTo: 'parameter' as const },
  };
  return { ...demo, connections: [...connections, minutes] };
}

interface Run {
  readonly system: LocalSystem;
  readonly clients: LocalAwsClients;
  readonly events: JsonEvent[];
  readonly authorizer: ReturnType<ReturnType<typeof assemblyDeployment>['authorizer']>;
}

async function start(synthesise?: (options: SynthesisOptions) => Promise<string>): Promise<Run> {
  const events: JsonEvent[] = [];
  const deployment = assemblyDeployment({
    onRefused: ({ role, call }) => events.push({ type: 'call-refused', role, action: call.action }),
    ...(synthesise && { synthesise }),
  });
  const system = await startSynthesisedSystem({
    onEvent: (event) => events.push(event),
    setupFor: setup,
    deployment,
  });
  const clients = createLocalAwsClients(system.endpoint.url);
  onTestFinished(async () => {
    for (const client of Object.values(clients)) client.destroy();
    await system.stop();
  });
  return { system, clients, events, authorizer: deployment.authorizer() };
}

const seen = (events: readonly JsonEvent[], type: string, connection?: string) =>
  events.filter(
    (event) => event.type === type && (connection === undefined || event.connection === connection),
  );

/** The handler whose function has this role, or what else the role is for. */
function nameOf(role: string): string | undefined {
  const [, handler, construct] =
    new RegExp(`^evertoken-(.+)-${LOCAL_REGION}$|Refresher(\\w+)Role`).exec(role) ?? [];
  return handler ?? construct;
}

const found = (resources: TemplateResources, idPrefix: string, type: string) => {
  const one = Object.entries(resources).find(([id, { Type }]) => id.startsWith(idPrefix) && Type === type);
  if (one === undefined) throw new Error(`no ${type} called ${idPrefix}…`);
  return one[1];
};

it('what is synthesised does all that it should under its own permissions', {
  timeout: SYNTHESIS_MS,
}, async () => {
  const { system, clients, events, authorizer } = await start();
  const lambda = new LambdaClient({
    endpoint: system.endpoint.url,
    region: LOCAL_REGION,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const names = ['kajabi-demo', 'slashid-demo', 'rotating-demo', MINUTES];
  await until('every connection is refreshed', () =>
    names.every((name) => seen(events, 'refreshed', name).length > 0),
  );

  // On demand, past the gap that forcing keeps.
  const invoked = await lambda.send(
    new InvokeCommand({
      FunctionName: 'evertoken-refresh-now',
      Payload: Buffer.from(JSON.stringify({ connections: names, force: true })),
    }),
  );
  const { results } = JSON.parse(Buffer.from(invoked.Payload ?? []).toString()) as {
    results: { outcome: string }[];
  };
  expect(results.map(({ outcome }) => outcome).every((outcome) => /^(refreshed|fresh)$/.test(outcome))).toBe(
    true,
  );

  // In the dashboard, whose buttons a person presses.
  const shown = async (name: string, event: object): Promise<string> => {
    const Payload = Buffer.from(JSON.stringify(event));
    const answer = await lambda.send(
      new InvokeCommand({ FunctionName: `evertoken-status-${name}`, Payload }),
    );
    return JSON.parse(Buffer.from(answer.Payload ?? []).toString());
  };
  expect(await shown('widget', { connection: MINUTES })).toContain('/evertoken/tokens/minutes-demo');
  const press = (action: string) => shown('action', { action, connection: 'slashid-demo', query: {} });
  await until('the dashboard pauses', async () =>
    (await press('pause')).includes('slashid-demo is paused: it is left alone'),
  );
  expect(await press('resume')).toContain('slashid-demo is resumed');
  expect(await press('refresh')).toMatch(/slashid-demo (has|had) a new token/);
  lambda.destroy();

  // By a declaration, which a rule brings; the tick refreshes.
  const slashid = system.providers.slashid.tokenUrl;
  const definition = {
    provider: 'slashid',
    tokenUrl: slashid,
    credentials: 'slashid-demo',
    readerCacheSeconds: 0,
  };
  await clients.ssm.send(
    new PutParameterCommand({
      Name: '/evertoken/connections/added',
      Type: 'String',
      Value: JSON.stringify(definition),
    }),
  );
  await until('the added connection is known', async () => (await system.rows()).length === 5);

  // By a message, to the second: between two ticks as well.
  const woken = () =>
    authorizer.judged.some(
      ({ role, call }) => call.action === 'sqs:ReceiveMessage' && nameOf(role) === 'refresh-now',
    );
  await until('a wake-up is delivered', () => woken() && seen(events, 'refreshed', MINUTES).length > 1);
  const minutes = (await system.rows()).find(({ connection }) => connection === MINUTES);
  expect(minutes).toMatchObject({ rejected: 0 });
  expect(minutes?.reads).toBeGreaterThan(0);

  // By an event.
  const before = seen(events, 'refreshed', 'kajabi-demo').length;
  const Detail = JSON.stringify({ namespace: 'evertoken', connections: ['kajabi-demo'] });
  await clients.eventBridge.send(
    new PutEventsCommand({ Entries: [{ Source: 'mine', DetailType: 'Refresh Requested', Detail }] }),
  );
  await until('it is refreshed', () => seen(events, 'refreshed', 'kajabi-demo').length > before);

  // Of another account none is even brought: no rule matches it, so that nothing refuses it either.
  const { state } = system.functions.composition.ports;
  system.endpoint.forwardEvent('999988887777', FORWARDED);
  await system.endpoint.idle();
  expect(await state.refusedRequest()).toBeUndefined();

  // One that is none is refused by the function, in the name of its role.
  const wrong = JSON.stringify({ namespace: 'evertoken', connections: 'none' });
  await clients.eventBridge.send(
    new PutEventsCommand({ Entries: [{ Source: 'mine', DetailType: 'Refresh Requested', Detail: wrong }] }),
  );
  await until('it is refused', async () => (await state.refusedRequest())?.reason === 'malformed');

  // What no attempt can take ends in the dead-letter queue.
  await clients.ssm.send(
    new PutParameterCommand({
      Name: '/evertoken/connections/broken',
      Type: 'String',
      Value: '{"provider": 7}',
    }),
  );
  await until('it is given up', () =>
    authorizer.judged.some(
      ({ role, call }) => call.action === 'sqs:SendMessage' && nameOf(role) === 'refresh-now',
    ),
  );

  // In the console.
  const SecretId = 'evertoken/tokens/kajabi-demo';
  const versionOf = async () =>
    (await clients.secretsManager.send(new GetSecretValueCommand({ SecretId }))).VersionId;
  const { VersionId } = await clients.secretsManager.send(new RotateSecretCommand({ SecretId }));
  await until('the secret is rotated', async () => (await versionOf()) === VersionId);
  await system.endpoint.idle();

  expect(seen(events, 'call-refused')).toEqual([]);
  expect(seen(events, 'tick-failed')).toEqual([]);
  expect(authorizer.counts.refused).toBe(0);
  const unused = authorizer.unused.map(({ role, statement }) => `${nameOf(role)} ${statement}`);
  expect(unused.filter((one) => !PROVEN_ELSEWHERE.includes(one))).toEqual([]);
});

describe('what is taken out is missed:', () => {
  it('a statement', { timeout: SYNTHESIS_MS }, async () => {
    const { system, events } = await start(
      synthesiseWithout('evertoken-refresh', (resources) => {
        const { PolicyDocument } = found(resources, 'RefresherRefreshDueRole', 'AWS::IAM::Policy').Properties;
        PolicyDocument.Statement = PolicyDocument.Statement.filter(
          ({ Sid }: { Sid?: string }) => Sid !== 'PublishTokens',
        );
      }),
    );
    await until('a call is refused', () => seen(events, 'call-refused').length > 0);
    expect(seen(events, 'call-refused')[0]).toMatchObject({
      role: `evertoken-refresh-due-${LOCAL_REGION}`,
      action: 'secretsmanager:PutSecretValue',
    });
    expect(seen(events, 'refreshed')).toEqual([]);
    expect(system.functions.permissions?.().refused).toBeGreaterThan(0);
  });

  it('a variable', { timeout: SYNTHESIS_MS }, async () => {
    const { events } = await start(
      synthesiseWithout('evertoken-refresh', (resources) => {
        const { Environment } = found(resources, 'RefresherRefreshDue', 'AWS::Lambda::Function').Properties;
        delete Environment.Variables.EVERTOKEN_STATE_TABLE;
      }),
    );
    await until('a tick fails', () => seen(events, 'tick-failed').length > 0);
    expect(seen(events, 'tick-failed')[0]?.['detail']).toBe(
      'FunctionFailed: evertoken-refresh-due: ConfigError',
    );
  });

  it('the account in a rule, and the function refuses what the rule let through', {
    timeout: SYNTHESIS_MS,
  }, async () => {
    const { system } = await start(
      synthesiseWithout('evertoken-refresh', (resources) => {
        const rule = found(resources, 'RefresherRulesRefreshRequested', 'AWS::Events::Rule');
        expect(rule.Properties.EventPattern.account).toEqual([{ Ref: 'AWS::AccountId' }]);
        delete rule.Properties.EventPattern.account;
      }),
    );
    const { state } = system.functions.composition.ports;
    system.endpoint.forwardEvent('999988887777', FORWARDED);
    await until('it is refused', async () => (await state.refusedRequest()) !== undefined);
    expect(await state.refusedRequest()).toMatchObject({
      reason: 'other-account',
      account: '999988887777',
      source: 'their.service',
    });
  });

  it('the right to invoke', { timeout: SYNTHESIS_MS }, async () => {
    const { events } = await start(
      synthesiseWithout('evertoken-refresh', (resources) => {
        const { PolicyDocument } = found(resources, 'RefresherSchedulesRole', 'AWS::IAM::Policy').Properties;
        PolicyDocument.Statement = PolicyDocument.Statement.filter(
          ({ Sid }: { Sid?: string }) => Sid !== 'InvokeFunctions',
        );
      }),
    );
    await until('a tick fails', () => seen(events, 'tick-failed').length > 0);
    expect(seen(events, 'tick-failed').map(({ detail }) => detail)).toContain(
      'FunctionFailed: evertoken-refresh-due: AccessDeniedException',
    );
  });

  it('the trust of a role', { timeout: SYNTHESIS_MS }, async () => {
    const starting = start(
      synthesiseWithout('evertoken-refresh', (resources) => {
        const { Properties } = found(resources, 'RefresherSchedulesRole', 'AWS::IAM::Role');
        Properties.AssumeRolePolicyDocument.Statement[0].Condition.StringEquals['aws:SourceArn'] =
          'arn:other';
      }),
    );
    await expect(starting).rejects.toThrow(
      /^scheduler\.amazonaws\.com cannot assume the role .*SchedulesRole/,
    );
  });
});
