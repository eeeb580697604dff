import { insist } from './insist.ts';
import type { RescuedRefreshToken, StoredRefreshToken } from './ports.ts';

import type { RefreshRun } from './refresh-run.ts';
import { STEPS } from './timing.ts';
import { countWrite } from './write-quota.ts';

/**
 * Stores a new refresh token before anything else is done with the answer, under the attempt's id on
 * every try; near the end of the lease, or when the store refuses for good, as a rescue. The attempt stays
 * open unless the token is in its secret.
 */
export async function persistRefreshToken(
  run: RefreshRun,
  token: StoredRefreshToken,
  attempt: string,
): Promise<'persisted' | 'rescued' | 'lost'> {
  const { hold, ports, learned } = run;
  const { name, signal } = hold;
  learned.attemptOpen = true;
  // Whatever becomes of the try, it may have made a version.
  learned.writesByHour = countWrite(hold.state.writesByHour, ports.clock.now(), ports.timing);
  const persisted = await insist(
    ports,
    { until: hold.endsAt - STEPS.rescueBeforeEndMs, signal },
    async (options) => void (await ports.refreshTokens.put(name, token, attempt, options)),
  );
  if (persisted === undefined) {
    learned.attemptOpen = false;
    learned.refreshTokenVersionId = attempt;
    return 'persisted';
  }
  ports.log.error('a refresh token could not be persisted; writing the rescue', {
    connection: name,
    code: persisted.code,
  });
  const rescued: RescuedRefreshToken = {
    token,
    attempt,
    ...(token.replaces !== undefined && { replaces: token.replaces }),
  };
  // A store that refused early leaves time; the access token must still be published in it.
  const until = Math.min(
    hold.endsAt - STEPS.abortBeforeEndMs,
    Math.max(ports.clock.now() + STEPS.rescueMs, hold.endsAt - STEPS.publishBeforeEndMs),
  );
  const failure = await insist(ports, { until, signal }, (options) =>
    ports.rescues.put(name, rescued, options),
  );
  if (failure === undefined) {
    ports.metrics.count('RescuesWritten');
    return 'rescued';
  }
  ports.log.error('a refresh token could be stored nowhere', { connection: name, code: failure.code });
  return 'lost';
}
