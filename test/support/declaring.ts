import type { Connection } from '../../functions/connections/connection.ts';
import { type DeclaredConnections, StoreError } from '../../functions/refresh/ports/stores.ts';

type Declared = ReadonlyMap<string, Connection | StoreError>;

/** As many as Parameter Store lists at once. */
const PAGE_SIZE = 10;

/**
 * Declarations in memory, listed ten at a time: what `declared` has by name, and `listed` in the listing, which may lag.
 * A token leads to the page that follows a name, so that declarations may come and go between two pages.
 */
export function declaring(declared: Declared, listed: Declared = declared) {
  const page: DeclaredConnections['page'] = async (after) => {
    const all = [...listed].map(([name, definition]) => ({ name, definition }));
    const first = after === undefined ? 0 : 1 + all.findIndex(({ name }) => name === after);
    if (after !== undefined && first === 0) return undefined;
    const connections = all.slice(first, first + PAGE_SIZE);
    const isLast = first + PAGE_SIZE >= all.length;
    return { connections, ...(!isLast && { next: connections.at(-1)?.name ?? '' }) };
  };
  return {
    declared: {
      page,
      async get(name: string) {
        const definition = declared.get(name);
        if (definition instanceof StoreError) throw definition;
        return definition;
      },
      async *list() {
        for (const [name, definition] of listed) yield { name, definition };
      },
    } satisfies DeclaredConnections as DeclaredConnections,
    readPace: { turn: async (): Promise<unknown> => undefined },
    secretWritesPerSecond: 20,
  };
}
