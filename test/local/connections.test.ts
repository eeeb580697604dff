import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WrongUsage } from '../../cli/command-failed.ts';
import { type Connection, connectionsFileSchema } from '../../functions/connections/connection.ts';
import { demoSetup, localSetup } from '../../local/connections.ts';
import { DEMO_CREDENTIALS, type DemoProviders, startDemoProviders } from '../../local/demo/demo-providers.ts';
import type { PlaceOptions } from '../../local/own/place-connection.ts';
import { canarySecret } from '../support/canary.ts';
import { HandClock } from './support/hand-clock.ts';
import { basic, postForm } from './support/token-request.ts';

let providers: DemoProviders;
beforeAll(async () => {
  providers = await startDemoProviders({
    clock: new HandClock(),
    lifetimeSeconds: 45,
    mark: canarySecret('demo'),
  });
});
afterAll(() => providers.close());

const setupOf = (connections: Record<string, Connection>, options?: PlaceOptions) =>
  localSetup(new Map(Object.entries(connections)), providers, options);

describe('the demo', () => {
  it('has a connection at each provider, all valid as declared', async () => {
    const { connections } = await demoSetup(providers);
    expect(connections.map(({ name }) => name)).toEqual(['kajabi-demo', 'slashid-demo', 'rotating-demo']);
    const declared = Object.fromEntries(connections.map(({ name, definition }) => [name, definition]));
    expect(connectionsFileSchema.safeParse({ connections: declared }).error).toBeUndefined();
    expect(connections.map(({ protectedUrl }) => protectedUrl)).toEqual(
      [providers.kajabi, providers.slashid, providers.rotating].map(({ protectedUrl }) => protectedUrl),
    );
  });

  it('allows token requests to its own servers and nowhere else', async () => {
    const { allowedTokenOrigins } = await demoSetup(providers);
    const { kajabi, slashid, rotating } = providers;
    expect(allowedTokenOrigins).toEqual([kajabi.origin, slashid.origin, rotating.origin]);
  });

  it('has credentials that its providers accept', async () => {
    const { kajabi, slashid } = providers;
    const answers = [
      await postForm(kajabi.tokenUrl, {
        grant_type: 'client_credentials',
        ...DEMO_CREDENTIALS['kajabi-demo'],
      }),
      await postForm(
        slashid.tokenUrl,
        { grant_type: 'client_credentials' },
        basic(DEMO_CREDENTIALS['slashid-demo'].client_id, DEMO_CREDENTIALS['slashid-demo'].client_secret),
      ),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('begins with the one refresh token that nothing but a person could bring', async () => {
    const { refreshTokens } = await demoSetup(providers);
    expect([...refreshTokens.keys()]).toEqual(['kajabi-demo', 'rotating-demo']);
    expect(refreshTokens.get('kajabi-demo')).toBeUndefined();
    const { client_id, client_secret } = DEMO_CREDENTIALS['rotating-demo'];
    const answer = await postForm(
      providers.rotating.tokenUrl,
      { grant_type: 'refresh_token', refresh_token: refreshTokens.get('rotating-demo') ?? '' },
      basic(client_id, client_secret),
    );
    expect(answer.status).toBe(200);
  });
});

describe('connections of one’s own', () => {
  it('meet the local server of their provider', async () => {
    const { connections } = await setupOf({
      crm: { provider: 'kajabi', credentials: 'kajabi-main' },
      people: { provider: 'slashid', credentials: 'slashid-demo', tokenUrl: 'https://api.example.com/token' },
    });
    expect(connections.map(({ definition }) => definition.tokenUrl)).toEqual([
      providers.kajabi.tokenUrl,
      providers.slashid.tokenUrl,
    ]);
  });

  it('have empty credentials, but for those of the demo', async () => {
    const { credentials } = await setupOf({
      crm: { provider: 'kajabi', credentials: 'kajabi-main' },
      crm2: { provider: 'kajabi', credentials: 'kajabi-demo' },
      odd: { provider: 'kajabi', credentials: 'constructor' },
    });
    expect(Object.fromEntries(credentials)).toEqual({
      'kajabi-main': undefined,
      'kajabi-demo': DEMO_CREDENTIALS['kajabi-demo'],
      constructor: undefined,
    });
  });

  it('have none where the role’s own identity takes their place, and sign with a key of this machine', async () => {
    const { credentials, connections } = await setupOf({
      trusted: {
        tokenUrl: 'http://127.0.0.1:9000/token',
        identity: 'aws',
        rules: { identity: { use: 'client', audience: 'x' } },
      },
      signed: {
        tokenUrl: 'http://127.0.0.1:9000/token',
        credentials: 'signed',
        clientAuthentication: 'private_key_jwt',
        signingKey: { kmsKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/1' },
      },
    });
    expect([...credentials.keys()]).toEqual(['signed']);
    expect(connections.map(({ definition }) => definition.signingKey)).toEqual([
      undefined,
      { kmsKeyArn: 'arn:aws:kms:us-east-1:000000000000:key/1' },
    ]);
  });

  it('have room for a refresh token unless their grants rule one out', async () => {
    const { refreshTokens } = await setupOf({
      preset: { provider: 'kajabi', credentials: 'c' },
      rotating: { provider: 'kajabi', credentials: 'c', grants: ['refresh_token'] },
      plain: { provider: 'kajabi', credentials: 'c', grants: ['client_credentials'] },
    });
    expect([...refreshTokens.keys()]).toEqual(['preset', 'rotating']);
  });

  it('may use any other server on this machine', async () => {
    const { connections, allowedTokenOrigins } = await setupOf({
      orders: { tokenUrl: 'http://127.0.0.1:9000/token', credentials: 'orders' },
      rotating: { issuer: providers.rotating.issuer, credentials: 'rotating-demo' },
    });
    expect(allowedTokenOrigins).toEqual(['http://127.0.0.1:9000', providers.rotating.origin]);
    expect(connections.map(({ protectedUrl }) => protectedUrl)).toEqual([
      undefined,
      providers.rotating.protectedUrl,
    ]);
  });

  it('may use a provider of their own on this machine', async () => {
    const rules = {
      tokenUrl: 'http://127.0.0.1:9000/token',
      refreshUrl: 'http://localhost:9001/refresh',
      grants: ['client_credentials'],
    };
    const { allowedTokenOrigins, refreshTokens } = await setupOf({
      orders: { rules, credentials: 'orders' },
    });
    expect(allowedTokenOrigins).toEqual(['http://127.0.0.1:9000', 'http://localhost:9001']);
    expect([...refreshTokens.keys()]).toEqual([]);
  });

  it('run where one of them can, and the others are left out', async () => {
    const { connections, places } = await setupOf({
      crm: { provider: 'kajabi', credentials: 'c' },
      books: { provider: 'xero', credentials: 'c' },
    });
    expect(connections.map(({ name }) => name)).toEqual(['crm']);
    expect(places.map(({ kind }) => kind)).toEqual(['placed', 'left-out']);
  });

  it('are refused when not one of them can run, with what was found of each', async () => {
    const refused = setupOf({
      books: { provider: 'xero', credentials: 'c' },
      orders: { tokenUrl: 'https://idp.example.com/token', credentials: 'c' },
    });
    await expect(refused).rejects.toThrow(WrongUsage);
    await expect(refused).rejects.toThrow(
      [
        'No connection can run here.',
        'books: left out: it would ask https://identity.xero.com for tokens; --allow-origin https://identity.xero.com lets it',
        'orders: left out: it would ask https://idp.example.com for tokens; --allow-origin https://idp.example.com lets it',
      ].join('\n'),
    );
  });

  it('may send requests to what was allowed, too: an issuer may name an endpoint elsewhere', async () => {
    const allowedOrigins = ['https://idp.example.com', 'https://tokens.example.com'];
    const { allowedTokenOrigins } = await setupOf(
      { orders: { issuer: 'https://idp.example.com', credentials: 'c', grants: ['client_credentials'] } },
      { allowedOrigins, isKept: false },
    );
    expect(allowedTokenOrigins).toEqual(allowedOrigins);
  });
});
