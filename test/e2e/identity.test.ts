import { decodeJwt } from 'jose';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Connection } from '../../functions/connections/connection.ts';
import { AwsError } from '../../local/aws/wire/error-answer.ts';
import { TestAws } from '../support/aws.ts';
import { assertNoCanary, canarySecret } from '../support/canary.ts';
import { ComposedRefresher } from '../support/composed-refresher.ts';
import { LeapingClock } from '../support/leaping-clock.ts';
import {
  AUDIENCE,
  type ProvingProvider,
  PUBLIC_CLIENT,
  startProvingProvider,
  TOKEN_EXCHANGE,
} from '../support/proving-provider.ts';

const MINUTE = 60_000;
/** No secret; in it every token of the identity carries the mark. */
const ROLE = `arn:aws:iam::000000000000:role/${canarySecret('refresher')}`;

let clock: LeapingClock;
let aws: TestAws;
let provider: ProvingProvider;
let refresher: ComposedRefresher;

/** The issuer's tokens are judged by the machine's clock. */
const advance = (ms: number) => {
  clock.advance(ms);
  vi.setSystemTime(clock.now());
};

beforeEach(async () => {
  clock = new LeapingClock();
  vi.useFakeTimers({ toFake: ['Date'], now: clock.now() });
  aws = await TestAws.startDirect(clock, { roleOf: () => ROLE });
});
afterEach(async () => {
  await refresher[Symbol.asyncDispose]();
  await provider.close();
  await aws[Symbol.asyncDispose]();
  vi.useRealTimers();
});

/** A connection without credentials. */
async function begin(
  use: 'client' | 'subject',
  { roles, ...over }: Partial<Connection> & { roles?: readonly string[] } = {},
): Promise<void> {
  provider = await startProvingProvider({
    identityIssuer: () => aws.endpoint.identityIssuer,
    ...(roles && { roles }),
  });
  const isClient = use === 'client';
  refresher = await ComposedRefresher.start(aws, clock, {
    connection: {
      credentials: undefined,
      tokenUrl: isClient ? provider.federatedUrl : provider.tokenUrl,
      identity: 'aws',
      clientId: PUBLIC_CLIENT,
      grants: [isClient ? 'client_credentials' : TOKEN_EXCHANGE],
      rules: { identity: { use, audience: AUDIENCE } },
      ...over,
    },
  });
  refresher.restart({}, [provider.origin]);
  aws.endpoint.calls.reset();
}

describe('the role’s own identity, in place of any stored secret,', () => {
  it.each(['client', 'subject'] as const)('is taken as %s', async (use) => {
    await begin(use, { roles: [ROLE] });
    for (const _ of [1, 2]) {
      advance(2 * MINUTE);
      expect(await refresher.refresh({ force: true })).toMatchObject({ outcome: 'refreshed', error: null });
    }
    const claims = provider.proofs.map((proof) => decodeJwt(proof));
    expect(claims).toHaveLength(2);
    expect(new Set(claims.map(({ jti }) => jti)).size).toBe(2);
    expect(claims[0]).toMatchObject({ sub: ROLE, aud: AUDIENCE, iss: aws.endpoint.identityIssuer });
    expect(aws.endpoint.calls.count({ operation: 'GetWebIdentityToken', resource: AUDIENCE })).toBe(2);
    // There is nothing to read.
    expect(aws.endpoint.calls.all.filter(({ resource = '' }) => resource.includes('credentials'))).toEqual(
      [],
    );
    expect(await refresher.state()).toMatchObject({ credentialsVersionId: 'identity' });
  });

  it('is nowhere to be seen', async () => {
    await begin('client');
    advance(2 * MINUTE);
    expect(await refresher.refresh({ force: true })).toMatchObject({ outcome: 'refreshed' });
    assertNoCanary(refresher.printed, 'the logs and metrics');
    assertNoCanary(await refresher.items(), 'the state table');
    assertNoCanary(JSON.stringify(aws.endpoint.calls.all), 'the names of resources');
  });

  it('that the provider does not trust is told of, with what to compare', async () => {
    await begin('client', { roles: ['arn:aws:iam::000000000000:role/another'] });
    advance(2 * MINUTE);
    const { outcome, error } = await refresher.refresh({ force: true });
    expect({ outcome, code: error?.code }).toEqual({ outcome: 'misconfigured', code: 'invalid_client' });
    expect(error?.remedy).toMatch(/the issuer of the account .*the ARN of the function's role as subject/);
  });

  it.each([
    ['AccessDenied', 'misconfigured', 'identity_denied', /allow sts:GetWebIdentityToken for that audience/],
    [
      'OutboundWebIdentityFederationDisabled',
      'misconfigured',
      'identity_disabled',
      /turn it on once \(aws iam enable-outbound-web-identity-federation\)/,
    ],
    ['Throttling', 'retry-later', 'identity_unavailable', /not possible at this moment/],
  ])('that STS does not tell (%s) leaves the provider alone', async (name, outcome, code, message) => {
    await begin('client');
    aws.endpoint.inject = (service) =>
      service === 'sts' ? { before: new AwsError(name, 'words', 403) } : undefined;
    advance(2 * MINUTE);
    const result = await refresher.refresh({ force: true });
    expect(result).toMatchObject({ outcome, error: { code } });
    expect(result.error?.message).toMatch(message);
    expect(provider.proofs).toEqual([]);
    aws.endpoint.inject = undefined;
    advance(2 * MINUTE);
    await refresher.tick();
    expect((await refresher.standing()).health).toBe('healthy');
  });

  it('goes to a new origin only with an event that says so', async () => {
    await begin('client');
    advance(2 * MINUTE);
    await refresher.refresh({ force: true });
    const elsewhere = await startProvingProvider({ identityIssuer: () => aws.endpoint.identityIssuer });
    onTestFinished(() => elsewhere.close());
    refresher.restart({}, [provider.origin, elsewhere.origin]);
    await refresher.redeclare({ tokenUrl: elsewhere.federatedUrl });
    refresher.told.length = 0;
    advance(2 * MINUTE);
    expect(await refresher.refresh({ force: true })).toMatchObject({ outcome: 'refreshed' });
    expect(refresher.told).toContain('Credentials Sent To New Origin');
    const { credentialsSentTo, credentialsBound } = await refresher.state();
    expect({ credentialsSentTo, credentialsBound }).toEqual({
      credentialsSentTo: elsewhere.origin,
      credentialsBound: false,
    });
  });
});
