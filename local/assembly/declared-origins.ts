import { isLoopbackUrl } from '../../functions/connections/endpoint-url.ts';
import type { LocalSetup } from '../connections.ts';

export interface DeclaredOrigins {
  /** For synthesis: the same in every run. */
  readonly connections: Readonly<Record<string, unknown>>;
  /** A declaration as this run means it. */
  readonly localise: (declaration: string) => string;
}

const FIRST_PORT = 60_001;

/**
 * Local providers listen on other ports in every run. So that what is synthesised can be kept, connections are
 * declared with ports that stand for theirs.
 */
export function declareOrigins({ connections, allowedTokenOrigins }: LocalSetup): DeclaredOrigins {
  const pairs = allowedTokenOrigins
    .filter(isLoopbackUrl)
    .map((origin, index) => [origin, `http://127.0.0.1:${FIRST_PORT + index}`] as const);
  // On this machine there is nothing that could be adopted: the templates must create all secrets.
  const definitions = Object.fromEntries(
    connections.map(({ name, definition: { adopt: _, ...definition } }) => [name, definition]),
  );
  const declared = replace(JSON.stringify(definitions), pairs);
  return {
    connections: JSON.parse(declared) as Record<string, unknown>,
    localise: (text) =>
      replace(
        text,
        pairs.map(([origin, stand]) => [stand, origin] as const),
      ),
  };
}

/** All at once, so that nothing that was put in is replaced again. */
function replace(text: string, pairs: readonly (readonly [string, string])[]): string {
  if (pairs.length === 0) return text;
  const replacements = new Map(pairs);
  const any = pairs.map(([from]) => from.replace(/[.[\]]/g, '\\$&')).join('|');
  return text.replace(new RegExp(`(?:${any})(?!\\d)`, 'g'), (found) => replacements.get(found) ?? found);
}
