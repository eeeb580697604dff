import type { TokenEndpointClient } from '../functions/oauth/transport/token-endpoint.ts';
import { WrongUsage } from './command-failed.ts';
import type { Io } from './io.ts';
import { late } from './late.ts';

/** What asks providers, loaded when it is first used. @throws WrongUsage for a variable that names no origins */
export async function lateTokenEndpoint({
  clock,
  random,
  env,
}: Pick<Io, 'clock' | 'random' | 'env'>): Promise<TokenEndpointClient> {
  const origins = await allowedOrigins(env['EVERTOKEN_ALLOWED_TOKEN_ORIGINS'] ?? '');
  return late(async () => {
    const { createTokenEndpoint } = await import('../functions/oauth/transport/token-endpoint.ts');
    return createTokenEndpoint({
      now: () => clock.now(),
      uuid: () => random.uuid(),
      allowedOrigins: origins,
    });
  });
}

/** The variable of the functions, for a person who reaches the same private network. */
async function allowedOrigins(text: string): Promise<readonly string[]> {
  const origins = text.split(/[\s,]+/).filter((origin) => origin !== '');
  if (origins.length === 0) return [];
  const { isOrigin } = await import('../functions/connections/endpoint-url.ts');
  const wrong = origins.find((origin) => !isOrigin(origin));
  if (wrong === undefined) return origins;
  throw new WrongUsage(
    `EVERTOKEN_ALLOWED_TOKEN_ORIGINS: "${wrong}" is no origin; expected scheme, host and port alone, e.g. https://idp.internal:8443`,
  );
}
