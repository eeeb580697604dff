import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { planRevocation, revokeTokens } from '../../../cli/connections/revoke-tokens.ts';
import type { Connection } from '../../../functions/connections/connection.ts';
import { Secret } from '../../../functions/oauth/secret.ts';
import { createTokenEndpoint } from '../../../functions/oauth/transport/token-endpoint.ts';
import { canarySecret } from '../../support/canary.ts';
import { AUDIENCE, type ProvingProvider, startProvingProvider } from '../../support/proving-provider.ts';
import { type CliDeployment, startCliDeployment } from '../support/cli-deployment.ts';

let deployment: CliDeployment;
let provider: ProvingProvider;
let definition: Connection;

beforeAll(async () => {
  deployment = await startCliDeployment({ speed: 0 });
  provider = await startProvingProvider({ identityIssuer: () => deployment.system.endpoint.identityIssuer });
  definition = {
    tokenUrl: provider.federatedUrl,
    revocationUrl: `${provider.origin}/token/revocation`,
    identity: 'aws',
    clientId: 'public',
    rules: { identity: { use: 'client', audience: AUDIENCE } },
  };
  await deployment.declare('trusted', definition);
});
afterAll(async () => {
  await provider.close();
  await deployment[Symbol.asyncDispose]();
});

describe('a connection that proves itself with the functions’ own identity', () => {
  it('has no credentials to be set', async () => {
    const stdin = '{"client_id": "public"}';
    const { stderr, exitCode } = await deployment.run(['credentials', 'set', 'trusted', '--stdin'], {
      stdin,
    });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(
      /^error: There is nothing to set for "trusted": it proves itself with the identity of the deployed functions/,
    );
    expect(deployment.system.endpoint.secret('evertoken/credentials/trusted')).toBeUndefined();
  });

  it('is shown by what stands in for them', async () => {
    const { stdout } = await deployment.run(['status', 'trusted']);
    expect(stdout).toMatch(/^credentials +identity:aws:public$/m);
  });

  it('lacks nothing that the doctor would miss', async () => {
    const { stdout } = await deployment.run(['doctor']);
    expect(stdout).toContain('ok       trusted: has what it needs');
    expect(stdout).not.toContain('credentials/trusted');
  });

  it('is nobody else’s: no person signs in for it', async () => {
    await deployment.declare('signing-in', {
      ...definition,
      grants: ['refresh_token'],
      deviceAuthorizationUrl: `${provider.origin}/device/auth`,
    });
    const { stderr, exitCode } = await deployment.run(['authorize', 'signing-in', '--device']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^error: "signing-in" proves itself with the identity of the deployed functions, which this machine does not have/,
    );
  });

  it('is nobody else’s: no person takes its tokens back, and nothing is sent', async () => {
    const tokenEndpoint = createTokenEndpoint({
      now: Date.now,
      uuid: randomUUID,
      allowedOrigins: [provider.origin],
    });
    const ports = { presets: async () => undefined, tokenEndpoint };
    const plan = await planRevocation({ name: 'trusted', definition }, ports);
    const token = new Secret(canarySecret('access'));
    const tokens = { refreshTokens: [], accessToken: token, wasRevoked: false, isRescueSealed: false };
    await expect(revokeTokens(plan, tokens as never, ports as never)).rejects.toMatchObject({
      kind: 'configuration',
      code: 'identity_unavailable',
    });
  });

  it('is imported without a secret for credentials', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'import-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'connections.json');
    await writeFile(
      file,
      JSON.stringify({
        connections: { imported: { ...definition, tokenUrl: 'https://idp.example.com/token' } },
      }),
    );
    const { stdout, exitCode } = await deployment.run(['import', file]);
    expect({ stdout, exitCode }).toEqual({ stdout: '1 connection: 1 created.\n', exitCode: 0 });
    expect(deployment.system.endpoint.secret('evertoken/tokens/imported')).toBeDefined();
    expect(deployment.system.endpoint.secret('evertoken/credentials/imported')).toBeUndefined();
  });
});
