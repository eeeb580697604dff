import type { IncomingMessage, ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import Provider, { type Configuration } from 'oidc-provider';
import { listenOnLoopback } from '../../../../local/providers/provider-server.ts';
import { markTokens } from '../../../../local/providers/rotating.ts';
import { canarySecret } from '../../../support/canary.ts';

import { memoryAdapter } from './memory-adapter.ts';

export const CLIENT_ID = 'sign-in-client';
export const CLIENT_SECRET = canarySecret('sign-in-client-secret');
export const HTTPS_REDIRECT = 'https://app.example.com/callback';
const ACCOUNT = 'a-person';

export interface SignInProviderServer {
  readonly issuer: string;
  /** Token requests of each grant type so far. */
  readonly granted: ReadonlyMap<string, number>;
  readonly revokedFamilies: readonly string[];
  close(): Promise<void>;
}

/**
 * oidc-provider with a page to sign in on and one to consent on, PKCE required, and single-use refresh
 * tokens. It reads the machine's clock.
 */
export async function startSignInProvider(): Promise<SignInProviderServer> {
  const configuration = await configure();
  const granted = new Map<string, number>();
  const revokedFamilies: string[] = [];
  const server = await listenOnLoopback(0, (origin) => {
    const provider = new Provider(origin, configuration);
    provider.silent = true;
    markTokens(provider, canarySecret('sign-in'));
    provider.on('grant.success', ({ oidc }) => {
      const grantType = String(oidc.params?.['grant_type']);
      granted.set(grantType, (granted.get(grantType) ?? 0) + 1);
    });
    provider.on('grant.revoked', (_, grantId) => revokedFamilies.push(grantId));
    const serve = provider.callback();
    return async (request, response) => {
      if (request.url?.startsWith('/interaction/')) await interact(provider, request, response);
      else await serve(request, response);
    };
  });
  return { issuer: server.origin, granted, revokedFamilies, close: server.close };
}

async function configure(): Promise<Configuration> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return {
    adapter: memoryAdapter(),
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig' }] },
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
        application_type: 'native',
        redirect_uris: ['http://127.0.0.1/callback', HTTPS_REDIRECT],
        grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
        response_types: ['code'],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    features: { devInteractions: { enabled: false }, deviceFlow },
    scopes: ['openid', 'offline_access'],
    rotateRefreshToken: true,
    pkce: { required: () => true },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    ttl: {
      AccessToken: 3600,
      DeviceCode: 600,
      Grant: 86_400,
      IdToken: 3600,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
    cookies: { keys: ['not-a-secret'] },
  };
}

/** The pages on which a device's code is entered, with the provider's own forms. */
const deviceFlow = {
  enabled: true,
  userCodeInputSource: (ctx: { body?: unknown }, form: string) => {
    ctx.body = `<!doctype html><title>enter</title>${form}`;
  },
  userCodeConfirmSource: (ctx: { body?: unknown }, form: string) => {
    ctx.body = `<!doctype html><title>confirm</title>${form}`;
  },
  successSource: (ctx: { body?: unknown }) => {
    ctx.body = '<!doctype html><title>done</title>';
  },
};

/** The provider's own pages: sign in, then consent or deny. */
async function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { prompt, params, session, uid } = await provider.interactionDetails(request, response);
  if (request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'text/html' }).end(pageOf(prompt.name, uid));
    return;
  }
  const body = new URLSearchParams((await Array.fromAsync(request)).join(''));
  const merge = { mergeWithLastSubmission: true };
  if (body.get('answer') === 'no') {
    const denied = { error: 'access_denied', error_description: 'The person said <b>no</b>' };
    await provider.interactionFinished(request, response, denied);
  } else if (prompt.name === 'login') {
    await provider.interactionFinished(request, response, { login: { accountId: ACCOUNT } }, merge);
  } else {
    const grant = new provider.Grant({
      accountId: session?.accountId ?? ACCOUNT,
      clientId: String(params['client_id']),
    });
    grant.addOIDCScope(String(params['scope']));
    await provider.interactionFinished(
      request,
      response,
      { consent: { grantId: await grant.save() } },
      merge,
    );
  }
}

function pageOf(prompt: string, uid: string): string {
  const fields = prompt === 'login' ? '<label>Name <input name="name"></label>' : '<p>Allow access?</p>';
  return (
    `<!doctype html><title>${prompt}</title><form method="post" action="/interaction/${uid}">${fields}` +
    '<button name="answer" value="yes">Continue</button><button name="answer" value="no">Deny</button></form>'
  );
}
