import { parse } from 'yaml';
import type { ClientAuthentication } from '../../../functions/oauth/endpoint-rules.ts';
import type { RegistryEntry } from './registry-entry.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A snapshot that none of the known formats is. */
export class UnknownRegistry extends Error {
  override readonly name = 'UnknownRegistry';
}

/**
 * Reads a snapshot by what it is: a discovery document (OpenID Connect Discovery, RFC 8414), OpenAPI 2 or 3, a list
 * of providers as Grant's `oauth.json` or Nango's `providers.yaml` have it, or a manifest with `OAuthAuthenticator`s
 * as Airbyte's. JSON or YAML.
 * @param file its name, for `source`
 * @throws UnknownRegistry
 */
export function readRegistry(file: string, text: string): readonly RegistryEntry[] {
  const document = parsed(file, text);
  if (typeof document['token_endpoint'] === 'string') return [discovery(file, document)];
  if ('openapi' in document || 'swagger' in document) return openApi(file, document);
  const authenticators = [...authenticatorsIn(document)];
  if (authenticators.length > 0) return authenticators.flatMap((each) => airbyte(file, each));
  const providers = Object.entries(document).flatMap(([name, value]) => {
    const fields = asFields(value);
    return fields === undefined ? [] : provider(file, name, fields, document);
  });
  if (providers.length > 0) return providers;
  throw new UnknownRegistry(
    `${file} is no snapshot that can be read: expected a discovery document, OpenAPI, a list of providers with "access_url" or "token_url", or a manifest with an OAuthAuthenticator`,
  );
}

function parsed(file: string, text: string): Fields {
  try {
    const document = asFields(parse(text, { maxAliasCount: 1000 }));
    if (document !== undefined) return document;
  } catch (error) {
    throw new UnknownRegistry(`${file} is neither JSON nor YAML: ${(error as Error).message.split('\n')[0]}`);
  }
  throw new UnknownRegistry(`${file} holds no object`);
}

function discovery(file: string, document: Fields): RegistryEntry {
  const methods = document['token_endpoint_auth_methods_supported'];
  return {
    source: file,
    tokenUrl: String(document['token_endpoint']),
    authentication: Array.isArray(methods) ? methods.flatMap(authenticationOf) : undefined,
  };
}

function openApi(file: string, document: Fields): readonly RegistryEntry[] {
  const schemes =
    inside(document, ['components', 'securitySchemes']) ?? inside(document, ['securityDefinitions']) ?? {};
  return Object.entries(schemes).flatMap(([name, scheme]) => {
    const own = asFields(scheme) ?? {};
    const flows = Object.values(asFields(own['flows']) ?? { swagger2: own });
    return flows.flatMap((flow) => {
      const { tokenUrl, refreshUrl } = asFields(flow) ?? {};
      if (typeof tokenUrl !== 'string') return [];
      return [
        {
          source: `${file} "${name}"`,
          tokenUrl,
          refreshUrl: text(refreshUrl),
          ...operationAt(tokenUrl, document),
        },
      ];
    });
  });
}

/** The token endpoint may be among the paths that the same document describes. */
function operationAt(tokenUrl: string, document: Fields): Pick<RegistryEntry, 'method' | 'bodyFormats'> {
  const path = tokenUrl.replace(/^https?:\/\/[^/]*/, '');
  const [, operations] =
    Object.entries(asFields(document['paths']) ?? {}).find(([each]) => path.endsWith(each)) ?? [];
  const { get, post } = asFields(operations) ?? {};
  const types = Object.keys(inside(post, ['requestBody', 'content']) ?? {});
  const formats = [
    ...(types.includes('application/x-www-form-urlencoded') ? (['form'] as const) : []),
    ...(types.some((each) => each.includes('json')) ? (['json'] as const) : []),
  ];
  return {
    method: post === undefined ? (get === undefined ? undefined : 'GET') : 'POST',
    bodyFormats: formats.length > 0 ? formats : undefined,
  };
}

/** Every `OAuthAuthenticator`, wherever it is defined. */
function* authenticatorsIn(value: unknown): Generator<Fields> {
  const fields = asFields(value);
  if (fields?.['type'] === 'OAuthAuthenticator') yield fields;
  else if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) yield* authenticatorsIn(each);
  }
}

function airbyte(file: string, authenticator: Fields): readonly RegistryEntry[] {
  const { token_refresh_endpoint: tokenUrl, refresh_token_updater: updater } = authenticator;
  if (typeof tokenUrl !== 'string') return [];
  const headers = JSON.stringify(authenticator['refresh_request_headers'] ?? {});
  return [
    {
      source: file,
      tokenUrl,
      authentication: /Basic /.test(headers) ? ['client_secret_basic'] : undefined,
      rotates: updater === undefined || updater === null ? undefined : true,
    },
  ];
}

function provider(file: string, name: string, own: Fields, all: Fields): readonly RegistryEntry[] {
  const alias = text(own['alias']);
  const fields = { ...(alias === undefined ? {} : asFields(all[alias])), ...own };
  const source = `${file} "${name}"`;
  const accessUrl = text(fields['access_url']);
  if (accessUrl !== undefined) {
    if (fields['oauth'] !== 2) return [];
    return [
      {
        source,
        name,
        tokenUrl: accessUrl,
        scopeSeparator: text(fields['scope_delimiter']),
        authentication: authenticationOf(fields['token_endpoint_auth_method']),
      },
    ];
  }
  const mode = text(fields['auth_mode']);
  if (mode === undefined || !/^(OAUTH2|APP)/.test(mode)) return [];
  const tokenUrl = text(fields['token_url']) ?? text(inside(fields, ['token_url'])?.[mode]);
  if (tokenUrl === undefined) return [];
  const format = fields['body_format'];
  return [
    {
      source,
      name,
      tokenUrl,
      refreshUrl: text(fields['refresh_url']),
      scopeSeparator: text(fields['scope_separator']),
      authentication: nangoAuthentication(fields),
      bodyFormats: format === 'json' || format === 'form' ? [format] : undefined,
      parameterLocation: format === 'query' ? 'query' : undefined,
    },
  ];
}

function nangoAuthentication(fields: Fields): readonly ClientAuthentication[] | undefined {
  switch (fields['token_request_auth_method'] ?? fields['authorization_method']) {
    case 'basic':
    case 'header':
      return ['client_secret_basic'];
    case 'private_key_jwt':
      return ['private_key_jwt'];
    case 'body':
      return ['client_secret_post'];
    default:
      return undefined;
  }
}

const METHODS: Readonly<Record<string, ClientAuthentication>> = {
  client_secret_basic: 'client_secret_basic',
  client_secret_post: 'client_secret_post',
  private_key_jwt: 'private_key_jwt',
  tls_client_auth: 'tls_client_auth',
  self_signed_tls_client_auth: 'tls_client_auth',
  none: 'none',
};

function authenticationOf(method: unknown): ClientAuthentication[] {
  const known = typeof method === 'string' && Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
  return known === undefined ? [] : [known];
}

function inside(value: unknown, path: readonly string[]): Fields | undefined {
  return path.reduce<Fields | undefined>((at, key) => asFields(at?.[key]), asFields(value));
}

function asFields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
