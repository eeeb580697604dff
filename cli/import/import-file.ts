import type { Connection } from '../../functions/connections/connection.ts';
import { BY_TICK } from '../../functions/connections/fit-limits.ts';
import { parseConnections } from '../../functions/connections/parse/parse-connections.ts';
import { fileProblemText } from '../../functions/connections/parse/parse-json-file.ts';
import { Secret } from '../../functions/oauth/secret.ts';
import { presetIds } from '../../functions/providers/presets.ts';
import type { BroughtRefreshToken } from '../../functions/refresh/store-refresh-token.ts';
import { WrongUsage } from '../command-failed.ts';
import { judgeConnections } from '../connections/connections-file.ts';
import { REFRESH_TOKENS, readRefreshTokens } from '../connections/refresh-token-input.ts';

/** Of many problems, a screen's worth. */
const MOST_SHOWN = 20;

/** One connection to import. */
export interface ImportEntry {
  readonly name: string;
  /** Absent where only the refresh token is brought, to a connection that exists. */
  readonly definition: Connection | undefined;
  readonly refreshToken: BroughtRefreshToken | undefined;
}

/**
 * Reads a file to import: `connections` as in connections.json, and beside it `refreshTokens`, by the name of
 * the connection: the token alone, or an object with `refresh_token` and `expires_at`. Everything is judged
 * before anything is imported; no message repeats a refresh token.
 * @throws WrongUsage with a line for each problem
 */
export async function readImportFile(
  text: string,
  file: string,
  namespace: string,
): Promise<{ readonly entries: readonly ImportEntry[]; readonly warnings: readonly string[] }> {
  const parsed = parseConnections(text, {
    file,
    providers: await presetIds(),
    besides: [REFRESH_TOKENS],
    place: { namespace },
  });
  if (!parsed.ok) throw wrong(parsed.problems.map(fileProblemText));
  const { connections } = parsed;
  const refreshTokens = readRefreshTokens(new Secret(text.replace(/^\uFEFF/, '')), file);
  const problems = await judgeConnections(connections, BY_TICK);
  const errors = problems
    .filter(({ level }) => level === 'error')
    .map(({ message }) => `${file}: ${message}`);
  if (errors.length > 0) throw wrong(errors);
  const names = [...new Set([...connections.keys(), ...refreshTokens.keys()])].sort();
  return {
    entries: names.map((name) => ({
      name,
      definition: connections.get(name),
      refreshToken: refreshTokens.get(name),
    })),
    // An error among them has been thrown.
    warnings: problems.map(({ message }) => message),
  };
}

function wrong(problems: readonly string[]): WrongUsage {
  const more = problems.length - MOST_SHOWN;
  return new WrongUsage(
    [...problems.slice(0, MOST_SHOWN), ...(more > 0 ? [`… and ${more} more`] : [])].join('\n'),
  );
}
