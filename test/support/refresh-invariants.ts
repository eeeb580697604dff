import { type Aftermath, CLOCKS_APART_MS, CONNECTION } from './refresh-scenario.ts';
import { Sends } from './sends.ts';

/** What must hold after every schedule; answers with what does not, in words. */
export function violations(aftermath: Aftermath): string[] {
  return [
    ...spentTwice(aftermath),
    ...lostToken(aftermath),
    ...overwrittenAuthorization(aftermath),
    ...publishedBackwards(aftermath),
    ...notMended(aftermath),
  ];
}

function storedTokens({ world }: Aftermath): Set<string> {
  const versions = world.refreshTokenVersions(CONNECTION);
  const stored = versions.map(
    ({ content }) => (JSON.parse(content) as { refresh_token: string }).refresh_token,
  );
  const rescued = [...world.rescues.values()].map(({ token }) => token.refresh_token.reveal());
  return new Set([...stored, ...rescued]);
}

/** Who was killed before it could commit what it had learned. */
function killedIn({ steps }: Aftermath): Set<string> {
  const committed = new Set(
    steps.filter(({ call, fate }) => call === 'state.commit' && fate === 'ok').map(({ actor }) => actor),
  );
  const killed = steps.filter(({ fate }) => fate.startsWith('kill')).map(({ actor }) => actor);
  return new Set(killed.filter((actor) => !committed.has(actor)));
}

/**
 * A spent refresh token comes again only as the one try that an open attempt allows: its successor was
 * never stored, the answer that brought it was lost, and no answer to a try may be followed by another.
 */
function spentTwice(aftermath: Aftermath): string[] {
  const { world, exchanges } = aftermath;
  const stored = storedTokens(aftermath);
  const killed = killedIn(aftermath);
  const sends = new Sends(CLOCKS_APART_MS);
  const restores = [...aftermath.restoredAt];
  return [...exchanges]
    .sort((one, other) => one.index - other.index)
    .flatMap(({ index, answered, mayHaveSpent, hadEffect, process }) => {
      const { refreshToken: token, at = 0 } = world.provider.exchanges[index] ?? {};
      if (token === undefined) return [];
      while (restores.length > 0 && at >= (restores[0] ?? 0)) {
        restores.shift();
        sends.restored();
      }
      const wasSpent = sends.isSpent(token);
      const successorIsStored = () => stored.has(world.provider.successors.get(token) ?? '');
      const found = sends.add({ token, at, mayHaveSpent, hadEffect, graceMs: 0, successorIsStored });
      // Who was killed with the answer in hand could not note it.
      if (answered && !killed.has(process)) sends.answered(token, wasSpent);
      return found;
    });
}

/** Successors that no store has ever seen: only a kill or a lost answer may do that. */
function lostToken(aftermath: Aftermath): string[] {
  const { world, exchanges } = aftermath;
  const stored = storedTokens(aftermath);
  const killed = killedIn(aftermath);
  const seen = new Set<string>();
  const lost = [...exchanges]
    .sort((one, other) => one.index - other.index)
    .filter(({ index }) => {
      const token = world.provider.exchanges[index]?.refreshToken ?? '';
      const successor = world.provider.successors.get(token);
      const isFirst = !seen.has(token);
      seen.add(token);
      return isFirst && successor !== undefined && !stored.has(successor);
    });
  const unexplained = lost.filter(({ answered, process }) => answered && !killed.has(process));
  const item = world.state.items.get(CONNECTION);
  const found = unexplained.map(() => 'a refresh token was lost by a process that lived and had the answer');
  if (item?.lastOutcome === 'needs-reauthorization') {
    if (lost.length === 0) found.push('a person is asked although no refresh token was lost');
    const told = world.events.some(({ detailType }) => detailType === 'Connection Needs Attention');
    if (!told) found.push('a person is needed, and nobody was told');
  }
  return found;
}

/** What a person brought under the lease is what the connection goes on with. */
function overwrittenAuthorization(aftermath: Aftermath): string[] {
  const { world, brought, minutes } = aftermath;
  const signedIn = brought.filter(({ by }) => by === 'authorize').at(-1);
  const last = brought.at(-1);
  const found: string[] = [];
  if (signedIn && signedIn === last && minutes !== undefined) {
    const family = world.provider.familyOf(world.storedRefreshToken(CONNECTION) ?? '');
    if (family !== world.provider.familyOf(signedIn.refreshToken)) {
      found.push('a new authorization was overwritten');
    }
  }
  return [...found, ...displacedEdit(aftermath)];
}

/**
 * What a person wrote past the lease counts as well, unless a refresh was just then between its proof and
 * its write: then it stays as a version beside.
 */
function displacedEdit({ world, brought, minutes }: Aftermath): string[] {
  const last = brought.at(-1);
  if (last?.by !== 'edit' || minutes === undefined) return [];
  const family = world.provider.familyOf(world.storedRefreshToken(CONNECTION) ?? '');
  if (family === world.provider.familyOf(last.refreshToken)) return [];
  const versions = world.refreshTokenVersions(CONNECTION);
  const edited = versions.findIndex(({ content }) => content.includes(last.refreshToken));
  const next = versions[edited + 1];
  const spent = next && (JSON.parse(next.content) as { replaces?: string }).replaces;
  const wasInFlight = versions.slice(0, edited).some(({ versionId }) => versionId === spent);
  return wasInFlight ? [] : ['a refresh token that a person stored was passed over'];
}

function publishedBackwards({ world }: Aftermath): string[] {
  const published = world.published.get(CONNECTION) ?? [];
  const backwards = published.some(
    ({ token }, index) => index > 0 && token.obtained_at < (published[index - 1]?.token.obtained_at ?? 0),
  );
  return backwards ? ['a published token was replaced by an older one'] : [];
}

function notMended({ world, minutes }: Aftermath): string[] {
  if (minutes !== undefined) return [];
  const item = world.state.items.get(CONNECTION);
  return [`the connection did not come to rest: ${item?.lastOutcome} (${item?.lastErrorCode ?? 'no error'})`];
}
