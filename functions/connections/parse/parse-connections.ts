import { didYouMean } from '../../text/near-name.ts';
import { type Connection, type ConnectionsFile, connectionsFileSchema } from '../connection.ts';
import { combinationProblems } from '../connection-combinations.ts';
import { joinRules } from '../connection-rules.ts';
import { type Place, secretOwnerProblems } from '../secret-owner.ts';
import { sharedSecretProblems } from '../shared-secrets.ts';
import type { Problem } from './describe-issues.ts';
import { type FileProblem, parseJsonFile } from './parse-json-file.ts';

export type ParsedConnections =
  | { readonly ok: true; readonly connections: ReadonlyMap<string, Connection> }
  | { readonly ok: false; readonly problems: readonly FileProblem[] };

export interface ParseOptions {
  /** The file's name, for messages. Default `connections.json`. */
  readonly file?: string;
  /** Ids of the presets that exist. Where absent, any `provider` is accepted. */
  readonly providers?: readonly string[];
  /** Keys beside "connections" that somebody else reads. Default: none may be there. */
  readonly besides?: readonly string[];
  /** The deployment that they are declared in. Where absent, whose secrets they name is not judged. */
  readonly place?: Place;
}

/** Reads the text of `connections.json`. Never throws: every problem is told, with its place. */
export function parseConnections(text: string, options: ParseOptions = {}): ParsedConnections {
  const { file = 'connections.json', besides = [] } = options;
  const problemsOf = (value: ConnectionsFile) => acrossConnections(value, options);
  const parsed = parseJsonFile(text, { file, schema: connectionsFileSchema, besides, problemsOf });
  if (!parsed.ok) return parsed;
  return { ok: true, connections: new Map(Object.entries(withFilePresets(parsed.value))) };
}

/**
 * Each connection with the rules of the provider that the file itself defines in the place of its name: nothing but
 * the file knows that name.
 */
function withFilePresets({ connections, presets = {} }: ConnectionsFile): Record<string, Connection> {
  return Object.fromEntries(
    Object.entries(connections).map(([name, connection]) => {
      const { provider, rules = {}, ...others } = connection;
      const preset =
        provider === undefined || !Object.hasOwn(presets, provider) ? undefined : presets[provider];
      return [
        name,
        preset ? { ...others, rules: joinRules({ name: provider, ...preset }, rules) } : connection,
      ];
    }),
  );
}

/** What is wrong with the rules of a provider that the file defines, in the connections that use it. */
function presetProblems(file: ConnectionsFile): Problem[] {
  const told = new Map<string, Problem>();
  for (const [name, connection] of Object.entries(withFilePresets(file))) {
    const provider = file.connections[name]?.provider;
    // Without one of the file's own it was judged as it stands.
    if (connection === file.connections[name] || provider === undefined) continue;
    for (const { path, message } of combinationProblems(connection)) {
      const place =
        path[0] === 'rules' ? ['presets', provider, ...path.slice(1)] : ['connections', name, ...path];
      told.set(JSON.stringify([place, message]), { path: place, message });
    }
  }
  return [...told.values()];
}

function acrossConnections(file: ConnectionsFile, { providers, place }: ParseOptions): Problem[] {
  const { connections, presets = {} } = file;
  const foreign = Object.entries(connections).flatMap(([name, connection]) =>
    secretOwnerProblems(connection, place).map(({ path, message }) => ({
      path: ['connections', name, ...path],
      message,
    })),
  );
  const taken = Object.keys(presets).filter((id) => providers?.includes(id));
  return [
    ...foreign,
    ...presetProblems(file),
    ...sharedSecretProblems(connections),
    ...taken.map((id) => ({
      path: ['presets', id],
      message:
        'is the name of a preset that exists: choose another, and name that one as "provider" with "rules" to bend it',
    })),
    ...unknownProviders(connections, providers && [...providers, ...Object.keys(presets)]),
  ];
}

function unknownProviders(
  connections: Readonly<Record<string, Connection>>,
  providers: readonly string[] | undefined,
): Problem[] {
  if (providers === undefined) return [];
  return Object.entries(connections).flatMap(([name, { provider }]) => {
    if (provider === undefined || providers.includes(provider)) return [];
    const hint = didYouMean(provider, providers);
    return [
      {
        path: ['connections', name, 'provider'],
        message: `there is no preset "${provider}"${hint === '' ? ': use one of the presets, or "tokenUrl"' : hint}`,
      },
    ];
  });
}
