import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import { isNamedBy, isPattern } from '../../functions/text/name-pattern.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailed } from '../command-failed.ts';
import type { Deployment } from '../deployment.ts';
import { makeSure } from '../prompts.ts';
import { countText } from '../text/table.ts';
import { allConnections } from './registered-connections.ts';

/** What is to be done to those that a pattern means. */
export interface MeantOptions {
  /** What is asked before more than one is changed, e.g. `Pause`; absent where nothing need be asked. */
  readonly verb?: string;
  /** Do not ask. Default false. */
  readonly yes?: boolean;
  /** Of those that match, which are meant. Default: all. */
  readonly only?: (state: ConnectionState) => boolean;
}

/**
 * The names that the words on a command line mean, each once: a name means itself, registered or not, a pattern all
 * registered ones that match. Says how many those are, and asks before more than one is changed.
 * @throws CommandFailed when a pattern matches none, or the person would rather not; StoreError
 */
export async function meantConnections(
  words: readonly string[],
  { verb, yes = false, only = () => true }: MeantOptions,
  { io, remark }: Pick<CommandContext, 'io' | 'remark'>,
  deployment: Deployment,
): Promise<readonly string[]> {
  const patterns = words.filter(isPattern);
  if (patterns.length === 0) return [...new Set(words)];
  const candidates = (await allConnections(deployment)).filter(only).map(({ name }) => name);
  const matched = new Map(
    patterns.map((pattern) => [pattern, candidates.filter((name) => isNamedBy(name, pattern))]),
  );
  for (const [pattern, { length }] of matched) {
    if (length === 0) throw new CommandFailed(`"${pattern}" matches no connection.`);
    remark(`"${pattern}" matches ${countText(length, 'connection')}.`);
  }
  const names = [...new Set(words.flatMap((word) => matched.get(word) ?? [word]))];
  if (verb !== undefined && names.length > 1) {
    await makeSure(io, `${verb} ${countText(names.length, 'connection')}?`, yes);
  }
  return names;
}
