import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { expect, it, onTestFinished } from 'vitest';
import { type SynthesisOptions, synthesiseOnce } from '../../local/assembly/synthesis.ts';
import { assemblyDeployment } from '../../local/assembly-deployment.ts';
import { demoSetup, type LocalSetup } from '../../local/connections.ts';
import type { DemoProviders } from '../../local/demo/demo-providers.ts';
import { LOCAL_REGION } from '../../local/endpoint-clients.ts';
import type { JudgedPermission } from '../../local/iam/authorizer.ts';
import type { Statement } from '../../local/iam/policy-evaluator.ts';
import { createTokenReader } from '../../reader/index.ts';
import { startSynthesisedSystem, synthesiseWithout, until } from '../support/synthesised-system.ts';

const NAME = 'slashid-demo';
const PARAMETER = `/evertoken/tokens/${NAME}`;
const PARAMETER_ARN = `arn:aws:ssm:${LOCAL_REGION}:000000000000:parameter${PARAMETER}`;
const REFRESHER = `evertoken-refresh-due-${LOCAL_REGION}`;
const SYNTHESIS_MS = 60_000;
const DENIED = { name: 'AccessDeniedException', message: 'Access to KMS is not allowed' };

/** The demo, with one connection whose token goes to a parameter. */
async function setupFor(providers: DemoProviders): Promise<LocalSetup> {
  const demo = await demoSetup(providers);
  const connections = demo.connections.map((one) =>
    one.name === NAME ? { ...one, definition: { ...one.definition, publishTo: 'parameter' as const } } : one,
  );
  return { ...demo, connections };
}

async function start(synthesise: (options: SynthesisOptions) => Promise<string> = synthesiseOnce) {
  const refused: JudgedPermission[] = [];
  const deployment = assemblyDeployment({ synthesise, onRefused: (one) => refused.push(one) });
  const system = await startSynthesisedSystem({ deployment, setupFor });
  onTestFinished(() => void system.stop());
  const authorizer = deployment.authorizer();
  /** The two services, as a role with these statements reaches them. */
  function clientsOf(name: string, ...statements: readonly Statement[]) {
    const accessKeyId = `ASIA${name.toUpperCase()}`;
    const arn = `arn:aws:iam::000000000000:role/${name}`;
    authorizer.addSession(accessKeyId, { name, arn, trust: [], statements }, 'session');
    const config = {
      endpoint: system.endpoint.url,
      region: LOCAL_REGION,
      credentials: { accessKeyId, secretAccessKey: 'local' },
    };
    const clients = { client: new SecretsManagerClient(config), ssm: new SSMClient(config) };
    onTestFinished(() => {
      for (const client of Object.values(clients)) client.destroy();
    });
    return clients;
  }
  return { system, refused, authorizer, clientsOf };
}

it('a token in a parameter is written under the key of the deployment, and read by who was granted that token', {
  timeout: SYNTHESIS_MS + 60_000,
}, async () => {
  const { system, refused, authorizer, clientsOf } = await start();
  const { endpoint } = system;
  await until('there is a token', () => endpoint.parameter(PARAMETER) !== undefined);
  const { keyId = '', type } = endpoint.parameter(PARAMETER) ?? {};
  expect(type).toBe('SecureString');
  const ofKey = authorizer.judged.filter(({ call }) => call.action === 'kms:Encrypt');
  expect(ofKey).toMatchObject([{ role: REFRESHER, allowed: true, call: { resource: keyId } }]);

  // As grantRead words it.
  const secretArn = `arn:aws:secretsmanager:${LOCAL_REGION}:000000000000:secret:evertoken/tokens/${NAME}-??????`;
  const secret: Statement = { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: secretArn };
  const parameter: Statement = { Effect: 'Allow', Action: 'ssm:GetParameter', Resource: PARAMETER_ARN };
  const use: Statement = {
    Effect: 'Allow',
    Action: 'kms:Decrypt',
    Resource: keyId,
    Condition: {
      StringEquals: {
        'kms:ViaService': `ssm.${LOCAL_REGION}.amazonaws.com`,
        'kms:EncryptionContext:PARAMETER_ARN': PARAMETER_ARN,
      },
    },
  };
  const { client } = clientsOf('looker', secret);
  await until('its secret leads there', async () => {
    const { SecretString } = await client
      .send(new GetSecretValueCommand({ SecretId: `evertoken/tokens/${NAME}` }))
      .catch(() => ({ SecretString: undefined }));
    return SecretString === JSON.stringify({ schema: 1, parameter: PARAMETER });
  });
  refused.length = 0;
  const read = createTokenReader(clientsOf('reader', secret, parameter, use));
  await expect(read.accessToken(NAME)).resolves.toMatch(/./);
  expect(refused).toEqual([]);

  // Whoever may read every parameter, and nothing of the key.
  const machine = clientsOf('machine', { Effect: 'Allow', Action: 'ssm:GetParameter', Resource: '*' });
  const command = new GetParameterCommand({ Name: PARAMETER, WithDecryption: true });
  await expect(machine.ssm.send(command)).rejects.toMatchObject(DENIED);
  for (const [name, statements] of Object.entries({
    nosecret: [parameter, use],
    noparameter: [secret, use],
    nokey: [secret, parameter],
  })) {
    const reader = createTokenReader(clientsOf(name, ...statements));
    await expect(reader.accessToken(NAME), name).rejects.toMatchObject({ code: 'access-denied' });
  }
  expect(refused.map(({ role, call }) => `${role} ${call.action}`)).toEqual([
    'machine kms:Decrypt',
    'nosecret secretsmanager:GetSecretValue',
    'noparameter ssm:GetParameter',
    'nokey kms:Decrypt',
  ]);
});

it.each([
  ['the statement of the key', 'evertoken-storage', 'TokensInParametersAsIamGrants', 'kms:Encrypt'],
  ['the use of the key by the role', 'evertoken-refresh', 'UseKeyForTokensOfMinutes', 'kms:Encrypt'],
  ['the right of the role', 'evertoken-refresh', 'PublishTokensOfMinutes', 'ssm:PutParameter'],
])(
  'without %s no token is written to a parameter',
  {
    timeout: SYNTHESIS_MS + 60_000,
  },
  async (_, stack, sid, action) => {
    const { system, refused } = await start(
      synthesiseWithout(stack, (resources) => {
        for (const { Properties } of Object.values(resources)) {
          const document = Properties?.KeyPolicy ?? Properties?.PolicyDocument;
          if (document === undefined) continue;
          document.Statement = document.Statement.filter((one: { Sid?: string }) => one.Sid !== sid);
        }
      }),
    );
    await until('a token is refused', () => refused.length > 0);
    expect(refused[0]).toMatchObject({ role: REFRESHER, call: { action } });
    expect(system.endpoint.parameter(PARAMETER)).toBeUndefined();
  },
);
