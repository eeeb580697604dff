import { decodeJwt, decodeProtectedHeader, exportJWK } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Connection } from '../../functions/connections/connection.ts';
import type { SignatureAlgorithm } from '../../functions/oauth/assertion-rules.ts';
import type { KeySpec } from '../../local/aws/kms/signing-keys.ts';
import { AwsError } from '../../local/aws/wire/error-answer.ts';
import { TestAws } from '../support/aws.ts';
import { canarySecret } from '../support/canary.ts';
import { ComposedRefresher } from '../support/composed-refresher.ts';
import { LeapingClock } from '../support/leaping-clock.ts';
import { type ProvingProvider, startProvingProvider } from '../support/proving-provider.ts';

const MINUTE = 60_000;
const CLIENT = 'signing-client';
/** Of no worth by itself: in it every assertion carries the mark. */
const KEY_ID = canarySecret('key-id');

let clock: LeapingClock;
let aws: TestAws;
let provider: ProvingProvider;
let refresher: ComposedRefresher;

/** oidc-provider reads the machine's clock. */
const advance = (ms: number) => {
  clock.advance(ms);
  vi.setSystemTime(clock.now());
};

beforeEach(async () => {
  clock = new LeapingClock();
  vi.useFakeTimers({ toFake: ['Date'], now: clock.now() });
  aws = await TestAws.startDirect(clock);
});
afterEach(async () => {
  await refresher[Symbol.asyncDispose]();
  await provider.close();
  await aws[Symbol.asyncDispose]();
  vi.useRealTimers();
});

/** A connection whose client has a key in KMS and no private key anywhere. */
async function begin(spec: KeySpec, algorithm?: SignatureAlgorithm): Promise<{ readonly arn: string }> {
  const key = aws.endpoint.signingKeys.create(spec);
  const jwk = { ...(await exportJWK(key.publicKey)), kid: KEY_ID };
  provider = await startProvingProvider({ keys: () => ({ [CLIENT]: jwk }) });
  const connection: Partial<Connection> = {
    tokenUrl: provider.tokenUrl,
    grants: ['client_credentials'],
    clientAuthentication: 'private_key_jwt',
    signingKey: { kmsKeyArn: key.arn },
    ...(algorithm && {
      rules: { request: { assertion: { use: 'client', algorithms: [algorithm] } } },
    }),
  };
  const credentials = { client_id: CLIENT, key_id: KEY_ID };
  refresher = await ComposedRefresher.start(aws, clock, { connection, credentials });
  refresher.restart({}, [provider.origin]);
  aws.endpoint.calls.reset();
  return key;
}

describe('a key that never leaves KMS', () => {
  it.each<[KeySpec, SignatureAlgorithm | undefined, string]>([
    ['RSA_2048', undefined, 'RS256'],
    ['RSA_2048', 'PS256', 'PS256'],
    ['ECC_NIST_P256', 'ES256', 'ES256'],
    ['ECC_NIST_P384', 'ES384', 'ES384'],
    ['ECC_NIST_EDWARDS25519', 'EdDSA', 'EdDSA'],
  ])(
    'of %s (%s) proves the client to oidc-provider, with another jti each time',
    async (spec, algorithm, alg) => {
      const { arn } = await begin(spec, algorithm);
      for (const _ of [1, 2, 3]) {
        advance(2 * MINUTE);
        expect(await refresher.refresh({ force: true })).toMatchObject({ outcome: 'refreshed', error: null });
      }
      expect(provider.proofs).toHaveLength(3);
      expect(provider.proofs.map((proof) => decodeProtectedHeader(proof))).toEqual(
        Array(3).fill(expect.objectContaining({ alg, kid: KEY_ID })),
      );
      const claims = provider.proofs.map((proof) => decodeJwt(proof));
      expect(new Set(claims.map(({ jti }) => jti)).size).toBe(3);
      expect(claims[0]).toMatchObject({ iss: CLIENT, sub: CLIENT, aud: provider.tokenUrl });
      expect(aws.endpoint.calls.count({ service: 'kms', operation: 'Sign', resource: arn })).toBe(3);
      expect(await refresher.published()).toMatchObject({ token_type: 'Bearer' });
    },
  );

  it('and may not be used makes the connection wait for a person, who is told what to grant', async () => {
    const { arn } = await begin('ECC_NIST_P256', 'ES256');
    const denied = new AwsError('AccessDeniedException', 'not authorized');
    aws.endpoint.inject = (service) => (service === 'kms' ? { before: denied } : undefined);
    advance(2 * MINUTE);
    const result = await refresher.refresh({ force: true });
    expect(result).toMatchObject({ outcome: 'misconfigured', error: { code: 'signing_denied' } });
    expect(result.error?.message).toContain(`${arn} may not be used: allow kms:Sign on it`);
    expect(result.error?.remedy).toBe('Do what the message says; "crm" is tried again by itself.');
    expect(provider.proofs).toEqual([]);
    aws.endpoint.inject = undefined;
    advance(2 * MINUTE);
    await refresher.tick();
    expect((await refresher.standing()).health).toBe('healthy');
  });

  it('and of another kind than is asked for is told of with what to name', async () => {
    await begin('ECC_NIST_P256');
    advance(2 * MINUTE);
    const { error } = await refresher.refresh({ force: true });
    expect(error).toMatchObject({ code: 'signing_key_unfit' });
    expect(error?.message).toMatch(/cannot sign with RS256: name what it can in "rules\.request\.assertion/);
  });

  it('and cannot be reached for a moment says nothing of the provider: nobody else there waits', async () => {
    await begin('ECC_NIST_P256', 'ES256');
    const busy = new AwsError('ThrottlingException', 'Rate exceeded');
    aws.endpoint.inject = (service) => (service === 'kms' ? { before: busy } : undefined);
    advance(2 * MINUTE);
    expect(await refresher.refresh({ force: true })).toMatchObject({
      outcome: 'retry-later',
      error: { code: 'signing_unavailable' },
    });
    expect(refresher.ports.cooldowns.isSuspect({ origin: provider.origin, client: 'any' })).toBe(false);
    aws.endpoint.inject = undefined;
    advance(MINUTE);
    await refresher.tick();
    expect((await refresher.standing()).health).toBe('healthy');
  });
});
