import { expect, it } from 'vitest';
import { declareOrigins } from '../../../local/assembly/declared-origins.ts';
import type { LocalSetup } from '../../../local/connections.ts';

const setup = (origins: readonly string[]): LocalSetup => ({
  connections: origins.map((origin, index) => ({
    name: `c${index}`,
    definition: { tokenUrl: `${origin}/token`, credentials: 'a' },
  })),
  credentials: new Map(),
  refreshTokens: new Map(),
  allowedTokenOrigins: origins,
});

it('declares the same whatever the ports, and localises back', () => {
  // One port begins with another, and one is a stand-in itself.
  const first = ['http://127.0.0.1:4567', 'http://127.0.0.1:45678', 'http://127.0.0.1:60001'];
  const second = ['http://127.0.0.1:1', 'http://127.0.0.1:2', 'http://[::1]:3'];
  expect(declareOrigins(setup(first)).connections).toEqual(declareOrigins(setup(second)).connections);
  for (const origins of [first, second]) {
    const { connections, localise } = declareOrigins(setup(origins));
    const localised = JSON.parse(localise(JSON.stringify(connections))) as Record<
      string,
      { tokenUrl: string }
    >;
    expect(Object.values(localised).map(({ tokenUrl }) => tokenUrl)).toEqual(
      origins.map((one) => `${one}/token`),
    );
  }
});

it('declares secrets that a person has elsewhere as new', () => {
  const { connections, ...rest } = setup(['http://127.0.0.1:1']);
  const adopting = connections.map((one) => ({ ...one, definition: { ...one.definition, adopt: true } }));
  const declared = declareOrigins({ ...rest, connections: adopting });
  expect(declared.connections).toEqual(declareOrigins({ ...rest, connections }).connections);
});

it('leaves everything as it is where nothing is on this machine', () => {
  const { localise } = declareOrigins(setup([]));
  expect(localise('http://127.0.0.1:60001/')).toBe('http://127.0.0.1:60001/');
});
