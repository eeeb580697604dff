import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { canarySecret } from '../../support/canary.ts';
import { type CliDeployment, startCliDeployment } from '../support/cli-deployment.ts';
import type { RunOptions } from '../support/run-command.ts';

let folder: string;
let deployment: CliDeployment;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import-'));
});

afterAll(() => rm(folder, { recursive: true }));

beforeEach(async () => {
  deployment = await startCliDeployment({ speed: 100 });
});

afterEach(() => deployment[Symbol.asyncDispose]());

async function importFile(content: unknown, options: RunOptions & { readonly json?: boolean } = {}) {
  const file = join(folder, 'fleet.json');
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  const result = await deployment.run(['import', file, ...(options.json ? ['--json'] : [])], options);
  return { ...result, stderr: result.stderr.replaceAll(file, 'fleet.json') };
}

const rotating = () => ({
  tokenUrl: deployment.system.providers.rotating.tokenUrl,
  credentials: 'rotating-demo',
  grants: ['refresh_token'],
  readerCacheSeconds: 0,
});
const plain = () => ({ ...rotating(), grants: ['client_credentials'] });

describe('evertoken import', () => {
  it('declares, registers and creates what connections need; refresh tokens are used at the next tick', async () => {
    const token = await deployment.system.providers.rotating.mintRefreshToken();
    const fleet = {
      connections: { 'books/acme': rotating(), crm: plain() },
      refreshTokens: { 'books/acme': token },
    };
    expect(await importFile(fleet)).toEqual({
      exitCode: 0,
      stderr: 'importing 1/2\nimporting 2/2\n',
      stdout: '2 connections: 2 created.\nRefresh tokens: 1 stored.\n',
    });
    expect(await deployment.declaration('books/acme')).toEqual({ ...rotating(), declaredBy: 'cli' });
    await deployment.system.endpoint.idle();
    await deployment.tick();
    for (const name of ['books/acme', 'crm']) {
      expect(await deployment.state(name)).toMatchObject({ lastOutcome: 'refreshed' });
      expect(await deployment.read(`evertoken/tokens/${name}`)).toHaveProperty('access_token');
    }
    const { stdout } = await deployment.run(['status', 'books/acme']);
    expect(stdout).toContain('declared by    the evertoken command');
  });

  it('repeated, changes nothing: above all no refresh token that was spent comes back', async () => {
    const token = await deployment.system.providers.rotating.mintRefreshToken();
    const end = String(Math.floor(deployment.clock.now() / 1000) + 86_400);
    const fleet = {
      connections: { crm: rotating() },
      refreshTokens: { crm: { refresh_token: token, expires_at: end } },
    };
    await importFile(fleet);
    await deployment.tick();
    const before = await deployment.read('evertoken/refresh-tokens/crm');
    expect(before['refresh_token']).not.toBe(token);
    expect(await importFile(fleet)).toMatchObject({
      exitCode: 0,
      stdout: '1 connection: 1 unchanged.\nRefresh tokens: 1 kept.\n',
    });
    expect(await deployment.read('evertoken/refresh-tokens/crm')).toEqual(before);
    expect(deployment.system.providers.rotating.revokedFamilies).toEqual([]);
  });

  it('cut off before the declaration, goes on without storing the refresh token again', async () => {
    const token = await deployment.system.providers.rotating.mintRefreshToken();
    const fleet = { connections: { crm: rotating() }, refreshTokens: { crm: token } };
    deployment.deny('PutParameter');
    expect(await importFile(fleet)).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining("crm: You lack a permission of the operator's policy. (PutParameter "),
    });
    deployment.deny(undefined);
    await deployment.tick();
    expect(await deployment.state('crm')).toMatchObject({ lastOutcome: 'refreshed' });
    expect(await importFile(fleet)).toMatchObject({
      exitCode: 0,
      stdout: '1 connection: 1 updated.\nRefresh tokens: 1 kept.\n',
    });
    expect(deployment.system.providers.rotating.revokedFamilies).toEqual([]);
  });

  it('updates what changed in the file', async () => {
    await importFile({ connections: { crm: plain() } });
    const { stdout } = await importFile({ connections: { crm: { ...plain(), scope: 'read' } } });
    expect(stdout).toBe('1 connection: 1 updated.\n');
    expect((await deployment.state('crm'))?.definition.scope).toBe('read');
  });

  it('brings refresh tokens to connections that CDK declares, and changes nothing else of them', async () => {
    const declared = { ...rotating(), marginSeconds: 900 };
    await deployment.declare('cdk', declared);
    const token = await deployment.system.providers.rotating.mintRefreshToken();
    const { stdout } = await importFile({ connections: {}, refreshTokens: { cdk: token } });
    expect(stdout).toBe('1 connection: 1 unchanged.\nRefresh tokens: 1 stored.\n');
    expect(await deployment.declaration('cdk')).toEqual(declared);
    const other = await importFile({ connections: { cdk: rotating() } });
    expect(other).toMatchObject({
      exitCode: 1,
      stdout: `0 connections.
1 connection failed:
  cdk: Connections declared by CDK are edited there: change "cdk" in connections.json and deploy.
`,
    });
    expect(await deployment.declaration('cdk')).toEqual(declared);
  });

  it('makes the secret of credentials with where they may be sent, and waits for them', async () => {
    const { origin } = deployment.system.providers.rotating;
    const crm = { ...plain(), credentials: 'yet-to-come' };
    const { stdout } = await importFile({ connections: { crm } });
    expect(stdout).toContain(`Credentials "yet-to-come" are yet to be stored, and may be sent to ${origin}.`);
    expect(await deployment.read('evertoken/credentials/yet-to-come')).toEqual({
      schema: 1,
      allowed_token_origins: [origin],
    });
    await deployment.system.endpoint.idle();
    await deployment.tick();
    expect(await deployment.state('crm')).toMatchObject({ lastOutcome: 'awaiting-credentials' });
  });

  it('binds credentials to nothing where an issuer does not say where its endpoints are', async () => {
    const { tokenUrl: _, ...crm } = { ...plain(), issuer: 'http://127.0.0.1:9', credentials: 'unbound' };
    const { stdout } = await importFile({ connections: { crm } });
    expect(stdout).toContain(
      'Credentials "unbound" are yet to be stored, and nothing says yet where they may be sent',
    );
    expect(await deployment.read('evertoken/credentials/unbound').catch(({ name }) => name)).toBe(
      'ResourceNotFoundException',
    );
  });

  it('refuses a connection that names a secret of another’s, before anything is imported', async () => {
    const token = {
      secretArn: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:evertoken/refresh-tokens/one-AbCdEf',
    };
    const { exitCode, stderr } = await importFile({
      connections: { good: plain(), crm: { ...plain(), token } },
    });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('connections.crm.token.secretArn: holds the refresh token of a connection');
    expect(await deployment.state('good')).toBeUndefined();
    const elsewhere = { secretArn: 'arn:aws:secretsmanager:af-south-1:000000000000:secret:mine-AbCdEf' };
    const { stdout } = await importFile({ connections: { crm: { ...plain(), token: elsewhere } } });
    expect(stdout).toContain('token.secretArn: is a secret in af-south-1');
    expect(await deployment.state('crm')).toBeUndefined();
  });

  it('refuses more tokens of minutes than Parameter Store takes, those of before included, and imports nothing', async () => {
    const short = { ...plain(), defaultLifetimeSeconds: 300, readerCacheSeconds: 0 };
    const fleet = (from: number, to: number) => ({
      connections: Object.fromEntries(
        Array.from({ length: to - from }, (_, index) => [`short/${from + index}`, short]),
      ),
    });
    const env = { EVERTOKEN_PARAMETER_WRITES_PER_SECOND: '0.1' };
    const { state } = deployment.system.functions.composition.ports;
    for (const name of ['short/0', 'short/1']) await state.register(name, short, deployment.clock.now());
    const refused = await importFile(fleet(1, 14), { env });
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain(
      'fleet.json: connections: this deployment would need 0.2 writes a second, and Parameter Store takes 0.1 (parameterWritesPerSecond) for the 14 tokens that go to parameters: have the provider issue',
    );
    expect(await deployment.declaration('short/2')).toBeUndefined();
    expect((await importFile(fleet(1, 3), { env })).exitCode).toBe(0);
    expect(await deployment.declaration('short/2')).toBeDefined();
  });

  it('goes on with the others when one fails', async () => {
    const connections = { one: plain(), two: plain() };
    const { stdout, exitCode } = await importFile(
      { connections, refreshTokens: { nobody: canarySecret('for-nobody') } },
      { json: true },
    );
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      credentials: [],
      imported: [
        { connection: 'one', declaration: 'created', refreshToken: 'none' },
        { connection: 'two', declaration: 'created', refreshToken: 'none' },
      ],
      failed: [{ connection: 'nobody', reason: expect.stringContaining('There is no connection "nobody"') }],
      left: 0,
    });
  });

  it('says what is unwise, but not a thousand times', async () => {
    const unwise = { ...plain(), grants: ['password'] };
    const connections = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`c${index}`, unwise]));
    const { stderr, exitCode } = await importFile({ connections });
    expect(exitCode).toBe(0);
    expect(stderr.match(/^warning: /gm)).toHaveLength(5);
    expect(stderr).toContain('… and 3 warnings more\n');
  });

  it.each([
    ['no JSON', '{"connections": ', 'fleet.json:1:17 this is not JSON'],
    ['a misspelt key', { connections: {}, refreshToken: {} }, 'is no known key'],
    ['a connection that does not fit', { connections: { a: { ...fitless } } }, 'connections.a.marginSeconds'],
    [
      'a declaredBy of its own',
      { connections: { a: { provider: 'kajabi', credentials: 'x', declaredBy: 'cli' } } },
      'connections.a.declaredBy: is no known key',
    ],
    [
      'refresh tokens in a list',
      { connections: {}, refreshTokens: [canarySecret('a')] },
      'refreshTokens: expected an object of tokens by connection',
    ],
    [
      'a refresh token in an object of no shape',
      { connections: {}, refreshTokens: { a: { token: canarySecret('a') } } },
      'refreshTokens["a"]: expected the token, or',
    ],
    [
      'a refresh token with spaces',
      { connections: {}, refreshTokens: { a: `${canarySecret('a')} x` } },
      'it holds spaces or line breaks',
    ],
  ])(
    'refuses a file with %s before it imports anything, and repeats no value',
    async (_, content, message) => {
      const { stdout, stderr, exitCode } = await importFile(content);
      expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 });
      expect(stderr).toContain(message);
    },
  );
});

const fitless = {
  provider: 'kajabi',
  credentials: 'x',
  marginSeconds: 100,
  defaultLifetimeSeconds: 3600,
};

describe('1,000 connections', () => {
  const COUNT = 1_000;
  const EVERY_TENTH = 10;

  it('are imported with a bar, interrupted, resumed, and nothing is doubled', async () => {
    const names = Array.from({ length: COUNT }, (_, index) => `fleet/${String(index).padStart(4, '0')}`);
    const { calls } = deployment.system.endpoint;
    const connections = Object.fromEntries(names.map((name) => [name, plain()]));
    const withTokens = names.filter((_, index) => index % EVERY_TENTH === 0);
    for (const name of withTokens) connections[name] = rotating();
    const refreshTokens = Object.fromEntries(withTokens.map((name) => [name, canarySecret(name.slice(6))]));
    const person = new AbortController();
    calls.reset();

    const first = await importFile(
      { connections, refreshTokens },
      {
        terminal: true,
        signal: person.signal,
        onWrite: (text) => {
          if (text.includes(`400/${COUNT}`)) person.abort();
        },
      },
    );
    expect(first.exitCode).toBe(1);
    expect(first.stderr).toContain(`importing ████████████░░░░░░░░░░░░░░░░░░ 400/${COUNT}`);
    const left = Number(/Interrupted with (\d+) of 1000 left/.exec(first.stderr)?.[1]);
    expect(left).toBeGreaterThan(580);
    expect(left).toBeLessThan(600);
    expect(first.stderr).toContain('the same command goes on from there.');

    const second = await importFile({ connections, refreshTokens });
    expect(second).toMatchObject({ exitCode: 0 });
    const lines = second.stdout.trimEnd().split('\n');
    expect(lines[0]).toBe(`1,000 connections: ${left} created, ${COUNT - left} unchanged.`);

    const ofFleet = (operation: string) =>
      calls.all.filter((call) => call.operation === operation && call.resource?.includes('/fleet/'));
    expect(ofFleet('PutParameter')).toHaveLength(COUNT);
    expect(ofFleet('PutSecretValue')).toHaveLength(withTokens.length);
    expect(ofFleet('CreateSecret')).toHaveLength(COUNT + withTokens.length);
    const { state } = deployment.system.functions.composition.ports;
    const registered = await Array.fromAsync(state.list());
    expect(registered.filter(({ name }) => name.startsWith('fleet/'))).toHaveLength(COUNT);
  }, 120_000);
});
