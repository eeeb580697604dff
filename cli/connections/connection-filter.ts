import { providerName } from '../../functions/connections/connection-labels.ts';
import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import { HEALTHS, type Health, health } from '../../functions/refresh/rules/health.ts';
import { isNamedBy } from '../../functions/text/name-pattern.ts';
import { didYouMean } from '../../functions/text/near-name.ts';
import { CommandFailed, WrongUsage } from '../command-failed.ts';

/** Which connections are looked at; what is absent asks for nothing. */
export interface ConnectionFilter {
  /** Names, and patterns of names. */
  readonly names?: readonly string[];
  readonly health?: readonly Health[];
  /** The id of a preset, or the host of a connection without one. */
  readonly provider?: string;
}

/**
 * Those of `all` that are asked for, in their order. `now` in epoch milliseconds.
 * @throws CommandFailed where a word, or the provider, names none, with what was meant
 */
export function chosenConnections(
  all: readonly ConnectionState[],
  filter: ConnectionFilter,
  now: number,
): ConnectionState[] {
  const matchers = (filter.names ?? []).map((word) => matcherIn(all, word));
  const { provider } = filter;
  if (provider !== undefined) refuseUnknownProvider(all, provider);
  return all.filter(
    (state) =>
      (matchers.length === 0 || matchers.some((matches) => matches(state.name))) &&
      (filter.health === undefined || filter.health.includes(health(state, now))) &&
      (provider === undefined || providerName(state.definition) === provider),
  );
}

function matcherIn(all: readonly ConnectionState[], word: string): (name: string) => boolean {
  const matches = (name: string) => isNamedBy(name, word);
  if (all.some(({ name }) => matches(name))) return matches;
  const names = all.map(({ name }) => name);
  throw new CommandFailed(`No connection is called "${word}"${didYouMean(word, names) || '.'}`);
}

function refuseUnknownProvider(all: readonly ConnectionState[], provider: string): void {
  const known = [...new Set(all.flatMap((state) => providerName(state.definition) ?? []))];
  if (known.includes(provider)) return;
  throw new CommandFailed(
    `No connection has the provider "${provider}"${didYouMean(provider, known) || '.'}`,
  );
}

/** Reads a list with commas. @throws WrongUsage */
export function readHealths(text: string): readonly Health[] {
  return text.split(',').map((word) => {
    const known = HEALTHS.find((each) => each === word);
    if (known !== undefined) return known;
    const hint = didYouMean(word, HEALTHS) || `; there are ${HEALTHS.join(', ')}.`;
    throw new WrongUsage(`--health: there is no "${word}"${hint}`);
  });
}
