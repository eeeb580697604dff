const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Whether a URL names this machine. */
export function isLoopbackUrl(url: string): boolean {
  return LOOPBACK.test(new URL(url).hostname);
}

/**
 * Why `value` cannot be an endpoint that credentials are sent to; `undefined` when it can.
 * RFC 6749 section 3.2: TLS, a query is kept, no fragment. Plain http is for loopback alone, where nothing
 * leaves the machine.
 */
export function endpointUrlProblem(value: string): string | undefined {
  if (!URL.canParse(value)) return 'expected a URL that begins with https://';
  const url = new URL(value);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return 'expected a URL that begins with https://';
  }
  if (url.username !== '' || url.password !== '') {
    return 'must not hold a user name or password: they belong in the secret of the credentials';
  }
  if (url.protocol === 'http:' && !isLoopbackUrl(value)) {
    return `would send credentials to "${url.host}" unencrypted: use https:// (http:// is only for 127.0.0.1, [::1] and localhost)`;
  }
  if (!showsItsHost(value, url) && !isWrittenAddress(value, url)) {
    return `leads to the host "${url.hostname}", which it does not show: write the host like that, if it is the one that is meant`;
  }
  if (url.hash !== '' || value.endsWith('#')) return 'must not have a fragment ("#…")';
  for (const key of url.searchParams.keys()) {
    const remedy = RESERVED_PARAMETERS[key];
    if (remedy !== undefined) return `must not have "${key}" in its query: ${remedy}`;
  }
  return undefined;
}

/** The fields of a connection that `endpointUrlProblem` or `issuerProblem` judges. */
export const URL_FIELDS = [
  'issuer',
  'tokenUrl',
  'authorizationUrl',
  'deviceAuthorizationUrl',
  'revocationUrl',
] as const;

/**
 * The URL with its host as it is called (RFC 5891: `xn--…`): letters of another script look like those of the
 * host that one knows. Anything else stays as it is.
 */
export function asciiUrl(value: string): string {
  if (!URL.canParse(value)) return value;
  const url = new URL(value);
  if (url.hostname === '' || showsItsHost(value, url)) return value;
  // An issuer without a path is another than the one with a slash.
  return url.href === `${url.origin}/` && !value.endsWith('/') ? url.origin : url.href;
}

/** A stored definition: hosts once were taken as a person writes them; they lead to where their ASCII form does. */
export function withAsciiHosts(stored: unknown): unknown {
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return stored;
  const fields = Object.entries(stored).map(([key, value]) => {
    const isUrl = typeof value === 'string' && URL_FIELDS.some((field) => field === key);
    return [key, isUrl ? asciiUrl(value) : value] as const;
  });
  return Object.fromEntries(fields);
}

/** An address may be written in any way in ASCII: wherever it leads is examined before anything is sent. */
function isWrittenAddress(value: string, { hostname }: URL): boolean {
  return /^(?:\[.*\]|\d+(?:\.\d+){3})$/.test(hostname) && /^[\x21-\x7e]*$/.test(value);
}

/** Whether the host of a URL stands there as it is called, in ASCII, in either case. */
function showsItsHost(value: string, { protocol, hostname }: URL): boolean {
  const start = `${protocol}//${hostname}`;
  const written = value.slice(0, start.length);
  // Lower case alone makes a "k" of the Kelvin sign.
  if (!/^[\x21-\x7e]*$/.test(written) || written.toLowerCase() !== start) return false;
  return /^(?:[/?#:]|$)/.test(value.slice(start.length));
}

/** As `endpointUrlProblem`, for an issuer identifier: RFC 8414 section 2 allows it no query either. */
export function issuerProblem(value: string): string | undefined {
  const problem = endpointUrlProblem(value);
  if (problem !== undefined) return problem;
  return value.includes('?') ? 'must not have a query ("?…")' : undefined;
}

const IN_CREDENTIALS = 'it belongs in the secret of the credentials, where nobody else sees it';
const BY_REFRESH = 'it is filled in when a token is requested';

/**
 * Parameters of a token request that a connection may not set as fixed ones, each with what to do
 * instead: a connection is no place for a secret, and a parameter must not be sent twice (RFC 6749
 * section 3.2).
 */
export const RESERVED_PARAMETERS: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  client_id: IN_CREDENTIALS,
  client_secret: IN_CREDENTIALS,
  private_key: IN_CREDENTIALS,
  username: IN_CREDENTIALS,
  password: IN_CREDENTIALS,
  client_assertion: 'set clientAuthentication to "private_key_jwt"',
  client_assertion_type: 'set clientAuthentication to "private_key_jwt"',
  refresh_token: 'store it with "evertoken import" or "evertoken authorize"',
  access_token: BY_REFRESH,
  code: 'sign in once with "evertoken authorize"',
  code_verifier: 'sign in once with "evertoken authorize"',
  grant_type: 'use "grants"',
  scope: 'use "scope"',
});

/** An origin as URL writes it (lower case, no default port, no path): compared by equality later. */
export function isOrigin(value: string): boolean {
  return URL.canParse(value) && /^https?:/.test(value) && new URL(value).origin === value;
}
