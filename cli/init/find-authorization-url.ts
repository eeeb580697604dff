import { endpointUrlProblem } from '../../functions/connections/endpoint-url.ts';
import { TokenError } from '../../functions/oauth/token-error.ts';
import type { TokenEndpointClient } from '../../functions/oauth/transport/token-endpoint.ts';

/** No longer does a person wait to be asked. */
const WITHIN_MS = 5_000;
/** Segments of a path that an issuer may have: `/realms/acme`, `/oauth2/default`. */
const MOST_SEGMENTS = 3;

/**
 * Looks for metadata (RFC 8414, OpenID Connect Discovery) that names this very token endpoint, where issuers usually
 * are: at its origin, and at what its path begins with.
 * @returns where a person signs in; `undefined` where nothing says it, or nobody answers in time
 */
export async function findAuthorizationUrl(
  tokenUrl: string,
  tokenEndpoint: Pick<TokenEndpointClient, 'metadata'>,
): Promise<string | undefined> {
  if (endpointUrlProblem(tokenUrl) !== undefined) return undefined;
  const signal = AbortSignal.timeout(WITHIN_MS);
  for (const issuer of issuersOf(tokenUrl)) {
    if (signal.aborted) return undefined;
    try {
      const metadata = await tokenEndpoint.metadata(issuer, { signal });
      const { token_endpoint, authorization_endpoint: found } = metadata;
      if (token_endpoint !== tokenUrl || found === undefined) continue;
      return endpointUrlProblem(found) === undefined ? found : undefined;
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      // Nobody listens there, at whatever path.
      if (error.kind === 'never-sent' && error.code !== 'metadata_unavailable') return undefined;
    }
  }
  return undefined;
}

/** An issuer is compared to the letter, and some end in a slash. */
function issuersOf(tokenUrl: string): readonly string[] {
  const { origin, pathname } = new URL(tokenUrl);
  const segments = pathname.split('/').slice(1, -1).slice(0, MOST_SEGMENTS);
  const bases = Array.from({ length: segments.length + 1 }, (_, count) =>
    [origin, ...segments.slice(0, count)].join('/'),
  );
  return bases.flatMap((base) => [base, `${base}/`]);
}
