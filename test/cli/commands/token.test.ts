import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalAwsClients } from '../../../local/endpoint-clients.ts';
import { canarySecret } from '../../support/canary.ts';
import { type CliDeployment, startCliDeployment } from '../support/cli-deployment.ts';

const HOUR = 3_600_000;
let deployment: CliDeployment;
let accessToken: unknown;

beforeAll(async () => {
  deployment = await startCliDeployment();
  ({ access_token: accessToken } = await deployment.read('evertoken/tokens/kajabi-demo'));
});

afterAll(() => deployment[Symbol.asyncDispose]());

const print = (args: readonly string[]) => deployment.run(['token', ...args], { printsSecret: true });

describe('evertoken token', () => {
  it('prints the access token alone', async () => {
    expect(await print(['kajabi-demo'])).toEqual({ exitCode: 0, stderr: '', stdout: `${accessToken}\n` });
  });

  it('prints the header that carries it', async () => {
    const { stdout } = await print(['kajabi-demo', '--header']);
    expect(stdout).toBe(`Authorization: Bearer ${accessToken}\n`);
    const { status } = await fetch(deployment.system.providers.kajabi.protectedUrl, {
      headers: { authorization: stdout.trim().replace('Authorization: ', '') },
    });
    expect(status).toBe(200);
  });

  it('follows the secret to the parameter that it points to, and shows the token as its API wants it', async () => {
    await deployment.declare('short', { provider: 'kajabi', credentials: 'nobody-stored-these' });
    const name = '/evertoken/tokens/short';
    const token = {
      access_token: canarySecret('short'),
      expires_at: Math.floor(deployment.clock.now() / 1000) + 300,
      presentation: { header: 'X-Token', scheme: '', headers: {} },
    };
    const { ssm } = createLocalAwsClients(deployment.system.endpoint.url);
    await ssm.send(
      new PutParameterCommand({ Name: name, Type: 'SecureString', Value: JSON.stringify(token) }),
    );
    await deployment.create('evertoken/tokens/short', { schema: 1, parameter: name });
    expect((await print(['short'])).stdout).toBe(`${token.access_token}\n`);
    expect((await print(['short', '--header'])).stdout).toBe(`X-Token: ${token.access_token}\n`);
  });

  it('prints JSON', async () => {
    const { stdout } = await print(['kajabi-demo', '--json']);
    expect(JSON.parse(stdout)).toEqual({
      access_token: accessToken,
      token_type: 'Bearer',
      expires_at: expect.stringMatching(/Z$/),
    });
  });

  it('says that there is none yet', async () => {
    await deployment.declare('new', { provider: 'kajabi', credentials: 'nobody-stored-these' });
    expect(await print(['new'])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'error: "new" has no token yet: evertoken status new says why.\n',
    });
  });

  it('says that there is no such connection', async () => {
    expect(await print(['kajabi'])).toMatchObject({
      exitCode: 1,
      stderr: 'error: There is no connection "kajabi" in the namespace "evertoken".\n',
    });
  });

  it('finds the token in a secret of one’s own, by its fields', async () => {
    const token = canarySecret('mapped');
    const secretArn = await deployment.create('of-my-own', { token, ends: 4_000_000_000 });
    await deployment.declare('mapped', {
      provider: 'kajabi',
      credentials: 'kajabi-demo',
      token: {
        secretArn,
        fields: { access_token: 'token', expires_at: 'ends' },
      },
    });
    expect(await print(['mapped'])).toMatchObject({ exitCode: 0, stdout: `${token}\n` });
  });

  it('prints no token that has expired', async () => {
    deployment.clock.advance(2 * HOUR);
    expect(await print(['kajabi-demo'])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr:
        'error: The token of "kajabi-demo" expired 60 min ago: evertoken status kajabi-demo says why.\n',
    });
  });

  it('names the permission that is missing', async () => {
    deployment.deny('GetSecretValue');
    const { stderr, exitCode } = await print(['kajabi-demo']);
    deployment.deny(undefined);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      "error: You may not read this secret: it takes secretsmanager:GetSecretValue, which the operator's policy leaves out on purpose. Use a role that has it. (GetSecretValue evertoken/tokens/kajabi-demo: AccessDeniedException: User: me is not authorized to perform: GetSecretValue)\n",
    );
  });
});
