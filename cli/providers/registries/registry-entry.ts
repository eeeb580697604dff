import type { ClientAuthentication } from '../../../functions/oauth/endpoint-rules.ts';

/** What one place says of one provider's token endpoint. What it does not say is absent. */
export interface RegistryEntry {
  /** Where it stands, for a person: `providers.yaml "acme"`. */
  readonly source: string;
  /** What the place calls the provider, where it does. */
  readonly name?: string | undefined;
  readonly tokenUrl: string;
  readonly refreshUrl?: string | undefined;
  readonly method?: 'GET' | 'POST' | undefined;
  /** Any of these will do. */
  readonly authentication?: readonly ClientAuthentication[] | undefined;
  /** Any of these will do. */
  readonly bodyFormats?: readonly ('form' | 'json')[] | undefined;
  readonly parameterLocation?: 'query' | undefined;
  readonly scopeSeparator?: string | undefined;
  /** Each refresh brings the next refresh token, which must be kept. */
  readonly rotates?: true | undefined;
}

/** `{x}`, `${x}`, `{{ x }}`, `[x]`, `<x>` and `:x` are all the same: something that a customer fills in. */
const PLACES = /\$?\{\{?[^{}]*\}?\}|\[[^[\]]*\]|<[^<>]*>|(?<=\/):\w+/g;

/** A URL with each template as `*`, without what makes no difference. */
export function plainUrl(url: string): string {
  const [, scheme = '', host = '', path = ''] =
    /^(https?:\/\/)?([^/?#]*)([^?#]*)/i.exec(url.replace(PLACES, '*')) ?? [];
  return `${scheme.toLowerCase()}${host.toLowerCase()}${path.replace(/\/+$/, '')}`;
}

/** The host of a URL, with each template as `*`. */
export function plainHost(url: string): string {
  return plainUrl(url)
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '');
}
