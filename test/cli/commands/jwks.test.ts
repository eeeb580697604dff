import { generateKeyPairSync } from 'node:crypto';
import { createLocalJWKSet, jwtVerify, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canarySecret } from '../../support/canary.ts';
import { type CliDeployment, startCliDeployment } from '../support/cli-deployment.ts';

const pair = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
let deployment: CliDeployment;

async function declareSigning(name: string, credentials: object) {
  const secretArn = await deployment.create(`mine-${name}`, credentials);
  await deployment.declare(name, {
    tokenUrl: 'https://idp.example.com/token',
    credentials: { secretArn, fields: {} },
    clientAuthentication: 'private_key_jwt',
  });
}

beforeAll(async () => {
  deployment = await startCliDeployment();
  await declareSigning('epic', { client_id: 'me', private_key: pem, key_id: 'key-1' });
  await declareSigning('nameless', { client_id: 'me', private_key: pem });
  await declareSigning('basic', { client_id: 'me', client_secret: canarySecret('client') });
});
afterAll(() => deployment[Symbol.asyncDispose]());

describe('evertoken jwks', () => {
  it('prints the public key, with which a server checks what the connection signs', async () => {
    const { exitCode, stdout, stderr } = await deployment.run(['jwks', 'epic']);
    expect([exitCode, stderr]).toEqual([0, '']);
    const set = JSON.parse(stdout);
    expect(set.keys).toEqual([
      expect.objectContaining({ kty: 'EC', crv: 'P-384', kid: 'key-1', use: 'sig' }),
    ]);
    expect(set.keys[0]).not.toHaveProperty('d');
    const jwt = await new SignJWT({})
      .setProtectedHeader({ alg: 'ES384', kid: 'key-1' })
      .sign(pair.privateKey);
    await jwtVerify(jwt, createLocalJWKSet(set));
  });

  it('prints the keys of several, each once, and as JSON the same', async () => {
    const { stdout } = await deployment.run(['jwks', 'epic', 'nameless', 'epic', '--json']);
    expect(JSON.parse(stdout).keys.map(({ kid }: { kid?: string }) => kid)).toEqual(['key-1', undefined]);
  });

  it('warns of a key without an id', async () => {
    expect((await deployment.run(['jwks', 'nameless'])).stderr).toContain('"nameless" has no id');
  });

  it('says of a connection that signs nothing what to do', async () => {
    const { exitCode, stderr } = await deployment.run(['jwks', 'basic']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      '"basic" signs nothing: its credentials have no "private_key", and it has no "signingKey"',
    );
  });

  it('says that there is no such connection', async () => {
    expect((await deployment.run(['jwks', 'epicc'])).stderr).toContain('did you mean "epic"?');
  });
});
