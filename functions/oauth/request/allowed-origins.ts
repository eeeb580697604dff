import type { Credentials } from '../credentials.ts';
import { TokenError } from '../token-error.ts';

/** Scheme, host and port; the first labels of the host may be `*`, each for one label. */
const PATTERN = /^(https?:\/\/)((?:\*\.)*)([^*/?#@\s]+)$/i;
/** A wildcard under one label would be a whole top-level domain, where anybody can register a name. */
const LEAST_FIXED_LABELS = 2;

/** Why this is no entry of `allowed_token_origins`; `undefined` when it is. */
export function originPatternProblem(entry: string): string | undefined {
  const match = PATTERN.exec(entry);
  const [, scheme = '', wildcards = '', rest = ''] = match ?? [];
  const url = match && URL.canParse(scheme + rest) ? new URL(scheme + rest) : undefined;
  if (url === undefined) return 'expected scheme, host and port alone, e.g. https://idp.example.com';
  if (wildcards !== '' && url.hostname.split('.').length < LEAST_FIXED_LABELS) {
    return `"*" stands before "${url.host}" alone, which would be anybody's: name at least two labels after it`;
  }
  return undefined;
}

/** Whether credentials that name these origins may be sent to a URL. */
export function isOriginAllowed(allowed: readonly string[], url: string): boolean {
  const { origin } = new URL(url);
  return allowed.some((entry) => covers(entry, origin));
}

/** Whether `entry` means `origin`, which is written as `URL` writes it. */
function covers(entry: string, origin: string): boolean {
  if (originPatternProblem(entry) !== undefined) return false;
  const wildcards = entry.split('*.').length - 1;
  if (wildcards === 0) return new URL(entry).origin === origin;
  const { protocol, port, hostname } = new URL(origin);
  const fixed = new URL(entry.replaceAll('*.', ''));
  const labels = hostname.split('.');
  return (
    fixed.protocol === protocol &&
    fixed.port === port &&
    labels.slice(wildcards).join('.') === fixed.hostname &&
    labels.slice(0, wildcards).every((label) => label !== '')
  );
}

/**
 * Refuses to send credentials to where their owner did not say. Who may write their secret says it in the secret
 * itself, so that no declaration can widen it; where nothing is said they go wherever a connection sends them.
 * @throws TokenError `configuration`, code `origin_not_allowed`: nothing was sent
 */
export function requireAllowedOrigin({ allowed_token_origins: allowed }: Credentials, url: string): void {
  if (allowed === undefined || isOriginAllowed(allowed, url)) return;
  const said = allowed.length === 0 ? 'nowhere' : `only to ${allowed.join(', ')}`;
  throw new TokenError(
    'configuration',
    ORIGIN_NOT_ALLOWED,
    `The credentials may be sent ${said}, as their secret says, and this connection sends them to ${new URL(url).origin}; nothing was sent.`,
  );
}

export const ORIGIN_NOT_ALLOWED = 'origin_not_allowed';
