import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { expect, it, onTestFinished } from 'vitest';
import { type SynthesisOptions, synthesiseOnce } from '../../local/assembly/synthesis.ts';
import { assemblyDeployment } from '../../local/assembly-deployment.ts';
import { AwsError } from '../../local/aws/wire/error-answer.ts';
import { LOCAL_REGION } from '../../local/endpoint-clients.ts';
import type { JudgedPermission } from '../../local/iam/authorizer.ts';
import type { Statement } from '../../local/iam/policy-evaluator.ts';
import type { LocalSystem } from '../../local/system.ts';
import { canarySecret } from '../support/canary.ts';
import { startSynthesisedSystem, synthesiseWithout, until } from '../support/synthesised-system.ts';

const SECRET = 'evertoken/refresh-tokens/rotating-demo';
const RESCUE = '/evertoken/rescue/rotating-demo';
const REFRESHER = `evertoken-refresh-due-${LOCAL_REGION}`;
const MARK = canarySecret('local');
const SYNTHESIS_MS = 60_000;

interface Run {
  readonly system: LocalSystem;
  readonly refused: JudgedPermission[];
  /** Who needed a key for this, so far. */
  judged(action: string): readonly JudgedPermission[];
  /** Parameter Store, as a role with these statements reaches it. */
  parametersOf(name: string, ...statements: readonly Statement[]): SSMClient;
}

/** What is synthesised, under its own permissions; Secrets Manager takes the proof of a write and no successor. */
async function startWithoutSuccessors(
  synthesise: (options: SynthesisOptions) => Promise<string> = synthesiseOnce,
): Promise<Run> {
  const refused: JudgedPermission[] = [];
  const deployment = assemblyDeployment({ synthesise, onRefused: (one) => refused.push(one) });
  const system = await startSynthesisedSystem({ deployment });
  onTestFinished(() => void system.stop());
  // What follows on a reading is the proof, what follows on that the successor.
  let wasRead = false;
  let wasProved = false;
  let isClosed = false;
  system.endpoint.inject = (_, operation, resource) => {
    if (resource !== SECRET) return undefined;
    if (operation === 'GetSecretValue') wasRead = true;
    if (operation !== 'PutSecretValue') return undefined;
    isClosed ||= wasProved;
    wasProved = wasRead;
    return isClosed ? { before: new AwsError('AccessDeniedException', 'not authorized') } : undefined;
  };
  const authorizer = deployment.authorizer();
  return {
    system,
    refused,
    judged: (action) =>
      authorizer.judged.filter(({ kind, call }) => kind === 'key' && call.action === action),
    parametersOf: (name, ...statements) => {
      const accessKeyId = `ASIA${name.toUpperCase()}`;
      const arn = `arn:aws:iam::000000000000:role/${name}`;
      authorizer.addSession(accessKeyId, { name, arn, trust: [], statements }, 'session');
      const credentials = { accessKeyId, secretAccessKey: 'local' };
      const client = new SSMClient({ endpoint: system.endpoint.url, region: LOCAL_REGION, credentials });
      onTestFinished(() => client.destroy());
      return client;
    },
  };
}

const read = new GetParameterCommand({ Name: RESCUE, WithDecryption: true });

it('a rescue is written and read under its own key, which nobody but the refresher may use', {
  timeout: SYNTHESIS_MS + 60_000,
}, async () => {
  const { system, refused, judged, parametersOf } = await startWithoutSuccessors();
  const { endpoint } = system;
  await until('there is a rescue', () => endpoint.parameter(RESCUE) !== undefined);
  const { keyId = '', type } = endpoint.parameter(RESCUE) ?? {};
  expect(type).toBe('SecureString');
  expect(judged('kms:Encrypt')).toMatchObject([
    { role: REFRESHER, allowed: true, call: { resource: keyId } },
  ]);

  const everything: Statement = { Effect: 'Allow', Action: '*', Resource: '*' };
  const reader: Statement = { Effect: 'Allow', Action: 'ssm:GetParameter', Resource: '*' };
  const denied = { name: 'AccessDeniedException', message: 'Access to KMS is not allowed' };
  const others = { reader: parametersOf('reader', reader), admin: parametersOf('admin', everything) };
  for (const client of Object.values(others)) {
    await expect(client.send(read)).rejects.toMatchObject(denied);
    const { Parameter } = await client.send(new GetParameterCommand({ Name: RESCUE }));
    expect(Parameter?.Value).not.toContain(MARK);
  }
  const Value = 'a refresh token of somebody else';
  const write = { Name: RESCUE, Value, Type: 'SecureString', KeyId: keyId, Overwrite: true } as const;
  await expect(others.admin.send(new PutParameterCommand(write))).rejects.toMatchObject(denied);
  expect(refused.map(({ role, call }) => `${role} ${call.action}`)).toEqual([
    'reader kms:Decrypt',
    'admin kms:Decrypt',
    'admin kms:Encrypt',
  ]);

  endpoint.inject = undefined;
  await until('it is brought home', () => endpoint.parameter(RESCUE) === undefined);
  const ofRescue = judged('kms:Decrypt').filter(({ call }) => call.resource === keyId);
  expect(ofRescue.filter(({ allowed }) => allowed).map(({ role }) => role)).toEqual([REFRESHER]);
  const refreshes = async () =>
    (await system.rows()).find(({ connection }) => connection === 'rotating-demo')?.refreshes ?? 0;
  const before = await refreshes();
  await until('it is refreshed with what was rescued', async () => (await refreshes()) > before);
  expect(refused).toHaveLength(3);
});

/** The assembly without the statements of this name. */
function without(stack: string, sid: string) {
  return synthesiseWithout(stack, (resources) => {
    for (const { Properties } of Object.values(resources)) {
      const document = Properties?.KeyPolicy ?? Properties?.PolicyDocument;
      if (document === undefined) continue;
      document.Statement = document.Statement.filter((one: { Sid?: string }) => one.Sid !== sid);
    }
  });
}

it.each([
  ['the statement of the key', 'evertoken-storage', 'RescuesByTheRefresher'],
  ['the statement of the role', 'evertoken-refresh', 'UseKeyForRescues'],
])('without %s no rescue can be written', { timeout: SYNTHESIS_MS + 60_000 }, async (_, stack, sid) => {
  const { system, refused } = await startWithoutSuccessors(without(stack, sid));
  await until('a rescue is refused', () => refused.length > 0);
  expect(refused[0]).toMatchObject({ role: REFRESHER, kind: 'key', call: { action: 'kms:Encrypt' } });
  expect(system.endpoint.parameter(RESCUE)).toBeUndefined();
});
