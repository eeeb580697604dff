import { expect, it } from 'vitest';
import { beginCodeExchange } from '../../../cli/authorization/code-exchange.ts';
import type { Connection } from '../../../functions/connections/connection.ts';
import { resolveConnection } from '../../../functions/connections/resolve-connection.ts';

const connection: Connection = {
  tokenUrl: 'https://idp.example/token',
  credentials: 'c',
  grants: ['refresh_token'],
};

/** The scope that a person is asked to consent to. */
async function scopeAsked(scope: Pick<Connection, 'scope'>) {
  const resolved = resolveConnection('crm', { ...connection, ...scope });
  const { url } = await beginCodeExchange(
    {
      connection: { ...resolved, request: { ...resolved.request, defaultScope: 'offline_access read' } },
      tokenUrl: 'https://idp.example/token',
      authorizationUrl: 'https://idp.example/authorize',
      deviceAuthorizationUrl: undefined,
      parameters: {},
      issuer: undefined,
      namesIssuer: false,
    },
    { client_id: 'client' },
    'http://127.0.0.1/callback',
    {} as Parameters<typeof beginCodeExchange>[3],
    new AbortController().signal,
  );
  return new URL(url).searchParams.get('scope');
}

it('asks for the scope of the connection, else for that of its rules', async () => {
  expect(await scopeAsked({ scope: 'write' })).toBe('write');
  expect(await scopeAsked({})).toBe('offline_access read');
});
