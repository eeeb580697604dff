import { refreshNow, refreshRequested, registerDeclared } from '../refresh/refresh-now.ts';
import type { RefreshResult } from '../refresh/refresh-result.ts';
import { chain } from './chain.ts';
import { type Composition, composeFromEnvironment } from './composition.ts';
import { readInvocation } from './read-invocation.ts';

/** Refreshes on demand and answers with outcomes, never with a token. */
export function refreshNowHandler(compose: () => Composition) {
  return chain(compose, async (event: unknown, { config, ports }, functionEndsAt, accountId) => {
    const wanted = await readInvocation(event, config.namespace, accountId);
    const results: RefreshResult[] = [];
    if (wanted.kind === 'refresh') results.push(...(await refreshNow({ ...wanted, functionEndsAt }, ports)));
    if (wanted.kind === 'requested') {
      results.push(...(await refreshRequested({ ...wanted, functionEndsAt }, ports)));
    }
    if (wanted.kind === 'refused') await ports.requests.refuse(wanted.reason, wanted.origin, ports);
    if (wanted.kind === 'register') await registerDeclared(wanted.connection, ports);
    return { results };
  });
}

export const handler = refreshNowHandler(composeFromEnvironment);
