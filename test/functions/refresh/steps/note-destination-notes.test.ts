import { beforeEach, describe, expect, it } from 'vitest';
import type { ResolvedConnection } from '../../../../functions/connections/resolve-connection.ts';
import { TokenError } from '../../../../functions/oauth/token-error.ts';
import { noteDestination } from '../../../../functions/refresh/steps/note-destination.ts';
import { RefreshWorld } from '../../../support/refresh-world.ts';
import { grantOf, runOf } from '../run-of.ts';
import { MINUTE, NOW, type stateOf } from '../state-of.ts';

const ORIGIN = 'https://idp.example.com';
const ISSUER = { tokenUrl: undefined, issuer: 'https://issuer.example', origins: [] };
const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:app-AbCdEf';
let world: RefreshWorld;

beforeEach(() => {
  world = new RefreshWorld();
});

/** Where which credentials have gone, and who sent them there first. */
const noted = () => [...world.state.origins];

interface Found {
  readonly state?: Parameters<typeof stateOf>[0];
  readonly connection?: Partial<ResolvedConnection>;
  /** `allowed_token_origins` of the credentials, whose version is `c1`. */
  readonly allowed?: readonly string[];
}

/** What the state is to keep of where `c1` is about to be sent. */
async function note({ state = {}, connection = {}, allowed }: Found = {}) {
  const run = runOf(world, { state, connection });
  const grant = grantOf(world);
  const value = { ...grant.credentials.value, ...(allowed && { allowed_token_origins: [...allowed] }) };
  world.calls.length = 0;
  await noteDestination(run, { ...grant, credentials: { ...grant.credentials, value } });
  expect(world.calls.filter(({ signal }) => signal !== run.lease.signal)).toEqual([]);
  return run.ledger.notes.toChange();
}

describe('credentials whose secret does not say where they may be sent', () => {
  it('are noted where they go for the first time, by the name of their secret', async () => {
    expect(await note()).toEqual({
      credentialsSentTo: ORIGIN,
      credentialsBound: false,
      credentialsSentToSince: NOW,
    });
    expect(noted()).toEqual([[`client#${ORIGIN}`, { name: 'crm', at: NOW }]]);
  });

  it('are not noted for a grant that asks nobody: they go nowhere', async () => {
    const run = runOf(world);
    await noteDestination(run, { ...grantOf(world), type: 'self_signed' });
    expect(run.ledger.notes.toChange()).not.toHaveProperty('credentialsSentTo');
    expect(noted()).toEqual([]);
  });

  it('are noted by the ARN of a secret of somebody’s own', async () => {
    await note({ connection: { credentials: { secretArn: ARN, fields: {} } } });
    expect(noted()).toEqual([[`${ARN}#${ORIGIN}`, { name: 'crm', at: NOW }]]);
  });

  it.each([
    ['version', { credentialsSentTo: ORIGIN, credentialsVersionId: 'c0' }],
    ['origin', { credentialsSentTo: 'https://other.example', credentialsVersionId: 'c1' }],
  ])('are noted again with another %s', async (_, state) => {
    expect(await note({ state })).toMatchObject({ credentialsSentTo: ORIGIN });
    expect(noted()).toHaveLength(1);
  });

  it('are not noted again where the same went the last time', async () => {
    expect(await note({ state: { credentialsSentTo: ORIGIN, credentialsVersionId: 'c1' } })).toEqual({});
    expect(world.calls).toEqual([]);
  });

  it.each([
    ['is new while no exchange came into the state since', NOW, NOW],
    ['is known once one did', NOW + 1, null],
  ])('what was noted by a refresh that was cut off %s', async (_, exchangedAt, since) => {
    await note();
    world.clock.advance(MINUTE);
    expect(await note({ state: { exchangedAt } })).toMatchObject({ credentialsSentToSince: since });
  });

  it('are no news where another connection sent them there', async () => {
    await world.state.noteOrigin({ credentials: 'client', origin: ORIGIN, name: 'erp', at: NOW });
    expect(await note()).toMatchObject({ credentialsSentTo: ORIGIN, credentialsSentToSince: null });
  });
});

describe('credentials whose secret says where they may be sent', () => {
  it('are no news there, and no call is made for them', async () => {
    expect(await note({ allowed: [ORIGIN] })).toEqual({
      credentialsSentTo: ORIGIN,
      credentialsBound: true,
      credentialsSentToSince: null,
    });
    expect(world.calls).toEqual([]);
  });

  it.each([[['https://other.example']], [[]]])(
    'are not noted elsewhere, where they are not sent: %o',
    async (allowed) => {
      expect(await note({ allowed })).toEqual({});
    },
  );
});

describe('an endpoint that the issuer names', () => {
  it('is noted as its metadata has it', async () => {
    expect(await note({ connection: ISSUER })).toMatchObject({ credentialsSentTo: 'https://issuer.example' });
  });

  it.each([
    ['free to go anywhere', undefined],
    ['bound', ['https://issuer.example']],
  ])(
    'costs no token where it cannot be known: the exchange says so, of credentials that are %s',
    async (_, allowed) => {
      world.intercept = async ({ method }, effect) => {
        if (method === 'discover') throw new TokenError('never-sent', 'ENOTFOUND', 'no such host');
        return effect();
      };
      expect(await note({ connection: ISSUER, ...(allowed && { allowed }) })).toEqual({});
      expect(noted()).toEqual([]);
    },
  );
});

describe('a note that cannot be made', () => {
  it('costs no token, is logged with its connection, and is no news', async () => {
    world.intercept = async ({ method }, effect) => {
      if (method === 'noteOrigin') throw new RangeError('what it says may be anything');
      return effect();
    };
    expect(await note()).toMatchObject({ credentialsSentTo: ORIGIN, credentialsSentToSince: null });
    expect(world.logged).toEqual([expect.stringMatching(/^warn .*"crm".*"RangeError"/)]);
    expect(world.logged.join('\n')).not.toContain('anything');
  });
});
