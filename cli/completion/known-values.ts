import type { CommandContext } from '../command-context.ts';
import type { Candidate } from './expected-words.ts';
import { FILES } from './shells.ts';

/** So long a person waits for a word. */
const PATIENCE_MS = 3_000;

/** Finds the values of one kind, or none where they cannot be found. */
type Source = (context: CommandContext, signal: AbortSignal) => Promise<readonly Candidate[]>;

const plain = (words: readonly string[]): readonly Candidate[] =>
  words.map((word) => ({ word, description: '' }));

const files: Source = async () => plain([FILES]);

const presets: Source = async () => {
  const { presetIds } = await import('../../functions/providers/presets.ts');
  return plain(await presetIds());
};

const profiles: Source = async ({ io }) => {
  const { knownProfiles } = await import('../aws/known-profiles.ts');
  return plain((await knownProfiles(io.env)) ?? []);
};

const healths: Source = async () => {
  const { HEALTHS } = await import('../../functions/refresh/rules/health.ts');
  return plain(HEALTHS);
};

const states = async (context: CommandContext, signal: AbortSignal) => {
  const { state } = await context.deployment();
  const all = await Array.fromAsync(state.list({ signal }));
  return all.sort((one, other) => (one.name < other.name ? -1 : 1));
};

const connections: Source = async (context, signal) => {
  const { health } = await import('../../functions/refresh/rules/health.ts');
  const now = context.io.clock.now();
  return (await states(context, signal)).map((each) => ({ word: each.name, description: health(each, now) }));
};

const credentials: Source = async (context, signal) => {
  const names = (await states(context, signal)).flatMap(({ definition: { credentials: name } }) =>
    typeof name === 'string' ? name : [],
  );
  return plain([...new Set(names)]);
};

/** By what the help calls a value. */
const SOURCES: Readonly<Record<string, Source>> = {
  connection: connections,
  connections,
  credentials,
  file: files,
  health: healths,
  id: presets,
  path: files,
  profile: profiles,
};

/** What a shell takes as it is: whatever else somebody wrote there would be run with the line. */
const PLAIN_WORD = /^[\w.:@/+-]+$/;

/** The values that are known by that name; none where nobody knows them, or says so in time. Never throws. */
export async function knownValues(
  name: string | undefined,
  context: CommandContext,
): Promise<readonly Candidate[]> {
  if (name === undefined || !Object.hasOwn(SOURCES, name)) return [];
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const late = Promise.withResolvers<readonly Candidate[]>();
  signal.addEventListener('abort', () => late.resolve([]), { once: true });
  const found = SOURCES[name]?.(context, signal) ?? [];
  try {
    const all = await Promise.race([found, late.promise]);
    return all.filter(({ word }) => PLAIN_WORD.test(word));
  } catch {
    return [];
  }
}
