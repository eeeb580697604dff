import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { comparePreset } from '../../../../cli/providers/registries/compare-preset.ts';
import { readRegistry, UnknownRegistry } from '../../../../cli/providers/registries/read-registry.ts';
import { plainUrl } from '../../../../cli/providers/registries/registry-entry.ts';
import { ROOT } from '../../../support/source-files.ts';
import { acme } from '../acme.ts';

/** A list of providers in JSON, as one library for signing in has it. */
const LIST = JSON.stringify({
  acme: {
    authorize_url: 'https://id.acme.example/authorize',
    access_url: 'https://id.acme.example/token/',
    oauth: 2,
    scope_delimiter: ',',
    token_endpoint_auth_method: 'client_secret_post',
  },
  old: { request_url: 'https://x.example/r', access_url: 'https://x.example/a', oauth: 1 },
  shop: { access_url: 'https://[subdomain].acme-shop.example/oauth/token', oauth: 2 },
});

/** A list of providers in YAML, as one integration service has it. */
const YAML_LIST = `
acme-base: &base
  auth_mode: OAUTH2
  token_url: https://id.acme.example/oauth/token
acme:
  auth_mode: OAUTH2
  token_url: https://id.acme.example/token
  refresh_url: https://id.acme.example/refresh
  token_request_auth_method: basic
  body_format: json
  scope_separator: ' '
acme-eu:
  alias: acme
  body_format: query
acme-key:
  auth_mode: API_KEY
  token_url: https://id.acme.example/key
acme-app:
  auth_mode: APP
  token_url: { APP: 'https://id.acme.example/apps/\${connectionConfig.id}/token' }
`;

const MANIFEST = `
definitions:
  auth:
    type: OAuthAuthenticator
    token_refresh_endpoint: "https://id.acme.example/token"
    refresh_request_headers:
      Authorization: "Basic {{ config['x'] }}"
    refresh_token_updater:
      refresh_token_config_path: [x]
streams:
  - retriever: { requester: { authenticator: { type: OAuthAuthenticator, client_id: x } } }
`;

const OPEN_API = `
openapi: 3.1.0
components:
  securitySchemes:
    oauth:
      type: oauth2
      flows:
        clientCredentials: { tokenUrl: 'https://id.acme.example/token', scopes: {} }
        implicit: { authorizationUrl: 'https://id.acme.example/authorize', scopes: {} }
paths:
  /token:
    post:
      requestBody: { content: { application/json: {} } }
`;

const DISCOVERY = JSON.stringify({
  issuer: 'https://id.acme.example',
  token_endpoint: 'https://id.acme.example/token',
  token_endpoint_auth_methods_supported: ['private_key_jwt', 'self_signed_tls_client_auth', 'new_method'],
});

describe('a snapshot is read by what it is', () => {
  it('a list of providers in JSON', () => {
    expect(readRegistry('oauth.json', LIST)).toEqual([
      {
        source: 'oauth.json "acme"',
        name: 'acme',
        tokenUrl: 'https://id.acme.example/token/',
        scopeSeparator: ',',
        authentication: ['client_secret_post'],
      },
      {
        source: 'oauth.json "shop"',
        name: 'shop',
        tokenUrl: 'https://[subdomain].acme-shop.example/oauth/token',
        authentication: [],
      },
    ]);
  });

  it('a list of providers in YAML, with what one takes from another', () => {
    const entries = readRegistry('providers.yaml', YAML_LIST);
    expect(entries.map(({ name }) => name)).toEqual(['acme-base', 'acme', 'acme-eu', 'acme-app']);
    expect(entries[1]).toEqual({
      source: 'providers.yaml "acme"',
      name: 'acme',
      tokenUrl: 'https://id.acme.example/token',
      refreshUrl: 'https://id.acme.example/refresh',
      scopeSeparator: ' ',
      authentication: ['client_secret_basic'],
      bodyFormats: ['json'],
    });
    expect(entries[2]).toMatchObject({
      tokenUrl: 'https://id.acme.example/token',
      parameterLocation: 'query',
    });
    expect(entries[3]?.tokenUrl).toBe(`https://id.acme.example/apps/\${connectionConfig.id}/token`);
  });

  it('a manifest, wherever its authenticators stand', () => {
    expect(readRegistry('manifest.yaml', MANIFEST)).toEqual([
      {
        source: 'manifest.yaml',
        tokenUrl: 'https://id.acme.example/token',
        authentication: ['client_secret_basic'],
        rotates: true,
      },
    ]);
  });

  it('OpenAPI, with the token endpoint among its paths', () => {
    expect(readRegistry('acme.yaml', OPEN_API)).toEqual([
      {
        source: 'acme.yaml "oauth"',
        tokenUrl: 'https://id.acme.example/token',
        method: 'POST',
        bodyFormats: ['json'],
      },
    ]);
  });

  it('OpenAPI 2', () => {
    const swagger = {
      swagger: '2.0',
      securityDefinitions: { o: { type: 'oauth2', flow: 'application', tokenUrl: 'https://a.example/t' } },
    };
    expect(readRegistry('a.json', JSON.stringify(swagger))).toEqual([
      { source: 'a.json "o"', tokenUrl: 'https://a.example/t' },
    ]);
  });

  it('a discovery document, without the methods that nobody knows', () => {
    expect(readRegistry('acme.json', DISCOVERY)).toEqual([
      {
        source: 'acme.json',
        tokenUrl: 'https://id.acme.example/token',
        authentication: ['private_key_jwt', 'tls_client_auth'],
      },
    ]);
  });

  it.each([
    ['{', /^x is neither JSON nor YAML: /],
    ['- 1', /^x holds no object/],
    ['{"a": 1}', /^x is no snapshot that can be read: expected a discovery document/],
  ])('or not: %s', (text, message) => {
    expect(() => readRegistry('x', text)).toThrow(UnknownRegistry);
    expect(() => readRegistry('x', text)).toThrow(message);
  });
});

it.each([
  ['https://{shop}.acme.example/token', 'https://*.acme.example/token'],
  [`https://\${connectionConfig.shop}.Acme.example/token/`, 'https://*.acme.example/token'],
  ["https://{{ config['shop'] }}.acme.example/token", 'https://*.acme.example/token'],
  ['https://[subdomain].acme.example/token?a=b', 'https://*.acme.example/token'],
  ['https://id.acme.example/:tenant/token', 'https://id.acme.example/*/token'],
])('%s is %s', (url, plain) => {
  expect(plainUrl(url)).toBe(plain);
});

describe('a preset against them', () => {
  const compare = (text: string, fields: Readonly<Record<string, unknown>> = {}) =>
    comparePreset(acme(fields), readRegistry('snapshot', text));

  it('agrees', () => {
    const request = { clientAuthentication: 'client_secret_post', scopeSeparator: ',' };
    expect(compare(LIST, { request })).toEqual({
      id: 'acme',
      agreeing: ['snapshot "acme"'],
      disagreements: [],
    });
  });

  it('names the client authentication and the scope separator that differ', () => {
    expect(compare(LIST).disagreements).toEqual([
      'client authentication: ours is client_secret_basic; snapshot "acme" has client_secret_post',
      'scope separator: ours is " "; snapshot "acme" has ","',
    ]);
  });

  it('names URLs, format and place that differ, by the name and by the host', () => {
    expect(compare(YAML_LIST).disagreements).toEqual([
      'token URL: ours is https://id.acme.example/token; snapshot "acme-base" has https://id.acme.example/oauth/token',
      'refresh URL: ours is the token URL; snapshot "acme" has https://id.acme.example/refresh',
      'body format: ours is form; snapshot "acme" has json',
      'refresh URL: ours is the token URL; snapshot "acme-eu" has https://id.acme.example/refresh',
      'parameters: ours is in the body; snapshot "acme-eu" has them in the query',
      `token URL: ours is https://id.acme.example/token; snapshot "acme-app" has https://id.acme.example/apps/\${connectionConfig.id}/token`,
    ]);
  });

  it('names a rotation that differs', () => {
    expect(compare(MANIFEST).disagreements).toEqual([
      'refreshToken.rotates: ours is "sometimes"; snapshot has single use',
    ]);
    expect(compare(MANIFEST, { refreshToken: { rotates: 'always' } }).disagreements).toEqual([]);
  });

  it('names a method that differs', () => {
    expect(compare(OPEN_API, { request: { method: 'GET', bodyFormat: 'json' } }).disagreements).toEqual([
      'method: ours is GET; snapshot "oauth" has POST',
    ]);
  });

  it('names a method of authentication that the server does not list', () => {
    expect(compare(DISCOVERY).disagreements).toEqual([
      'client authentication: ours is client_secret_basic; snapshot has private_key_jwt or tls_client_auth',
    ]);
  });

  it('agrees at each environment that it lists, and for every tenant', () => {
    const host = {
      description: 'environment',
      values: { live: 'id.acme.example', test: 'test.acme.example' },
      example: 'live',
    };
    expect(
      compare(DISCOVERY, {
        tokenUrl: 'https://{host}/token',
        placeholders: { host },
        request: { clientAuthentication: 'private_key_jwt' },
      }),
    ).toMatchObject({ agreeing: ['snapshot'], disagreements: [] });
    const shop = { description: 'shop', pattern: '[a-z]+', example: 'one' };
    expect(
      compare(LIST, {
        id: 'shops',
        name: 'Shops',
        tokenUrl: 'https://{shop}.acme-shop.example/oauth/token',
        placeholders: { shop },
      }),
    ).toMatchObject({ agreeing: ['snapshot "shop"'], disagreements: [] });
  });

  it('says nothing of others', () => {
    expect(compare(LIST, { id: 'other', name: 'Other', tokenUrl: 'https://other.example/token' })).toEqual({
      id: 'other',
      agreeing: [],
      disagreements: [],
    });
  });
});

describe('npm run providers:compare', () => {
  const run = (...args: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, ['compare-providers.ts', ...args], { cwd: ROOT }, (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
      );
    });
  const snapshot = (text: string) => {
    const directory = mkdtempSync(join(tmpdir(), 'evertoken-snapshot-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    writeFileSync(join(directory, 'snapshot.json'), text);
    return join(directory, 'snapshot.json');
  };

  it('prints what disagrees', async () => {
    const kajabi = { kajabi: { access_url: 'https://api.kajabi.com/v1/oauth/tokens', oauth: 2 } };
    const { code, stdout } = await run(snapshot(JSON.stringify(kajabi)));
    expect(stdout).toContain(`kajabi: 1
  token URL: ours is https://api.kajabi.com/v1/oauth/token; snapshot.json "kajabi" has https://api.kajabi.com/v1/oauth/tokens
1 of `);
    expect(code).toBe(1);
  });

  it('says what it takes', async () => {
    expect(await run()).toMatchObject({ code: 2, stderr: expect.stringContaining('Give the snapshots') });
    expect(await run('no-such.json')).toMatchObject({ code: 2, stderr: expect.stringContaining('ENOENT') });
  });
});
