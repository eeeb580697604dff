import { type SingleRequest, USER_AGENT } from '../request/http-request.ts';
import type { HttpResponse } from '../response/response-body.ts';
import { Secret } from '../secret.ts';
import { TokenError } from '../token-error.ts';
import {
  type IssuerMetadata,
  METADATA_NOT_FOUND,
  metadataUrls,
  processMetadataResponse,
} from './issuer-metadata.ts';

/** How long an issuer's metadata is believed. */
const METADATA_LIFETIME_MS = 3_600_000;

export interface DiscoveryContext {
  /** Epoch milliseconds. */
  now(): number;
  /** Whether a URL may be asked at all. @throws TokenError `configuration` */
  check(url: string): unknown;
  send(request: SingleRequest, signal: AbortSignal | undefined): Promise<HttpResponse>;
}

/**
 * Finds the metadata of issuers, and remembers each for an hour. Failures are not remembered.
 * @returns a function that throws TokenError, never of kind `unanswered`: nothing is spent by asking
 */
export function createDiscovery(context: DiscoveryContext) {
  const known = new Map<string, { readonly metadata: IssuerMetadata; readonly endsAt: number }>();
  return async (issuer: string, signal: AbortSignal | undefined): Promise<IssuerMetadata> => {
    const remembered = known.get(issuer);
    if (remembered !== undefined && context.now() < remembered.endsAt) return remembered.metadata;
    const metadata = await discover(issuer, context, signal);
    known.set(issuer, { metadata, endsAt: context.now() + METADATA_LIFETIME_MS });
    return metadata;
  };
}

async function discover(
  issuer: string,
  context: DiscoveryContext,
  signal: AbortSignal | undefined,
): Promise<IssuerMetadata> {
  context.check(issuer);
  let problem: TokenError | undefined;
  for (const url of metadataUrls(issuer)) {
    const response = await ask(url, context, signal);
    try {
      const metadata = processMetadataResponse(response, issuer, context.now());
      context.check(metadata.token_endpoint);
      return metadata;
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      // What one place says is told, unless it was only that nothing is there.
      if (problem === undefined || problem.code === METADATA_NOT_FOUND) problem = error;
    }
  }
  throw problem;
}

async function ask(
  url: string,
  context: DiscoveryContext,
  signal: AbortSignal | undefined,
): Promise<HttpResponse> {
  const headers = { accept: 'application/json', 'user-agent': USER_AGENT };
  try {
    return await context.send({ method: 'GET', url: new Secret(url), headers }, signal);
  } catch (error) {
    if (!(error instanceof TokenError) || error.kind !== 'unanswered') throw error;
    // What was sent was no token request.
    throw new TokenError('never-sent', error.code, error.message, { status: error.status });
  }
}
