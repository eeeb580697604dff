import { describe, expect, test } from 'vitest';
import { checkConnection } from '../../../../functions/connections/check-connection.ts';
import { connectionsJsonSchema } from '../../../../functions/connections/connection.ts';
import { parseConnections } from '../../../../functions/connections/parse/parse-connections.ts';
import { fileProblemText } from '../../../../functions/connections/parse/parse-json-file.ts';
import { presetOfSync } from '../../../../functions/connections/preset-of-sync.ts';
import { resolveConnection } from '../../../../functions/connections/resolve-connection.ts';

const shop = {
  name: 'The shop',
  tokenUrl: 'https://{tenant}.shop.example/token',
  placeholders: { tenant: { description: 'your tenant', pattern: '[a-z]+', example: 'mine' } },
  grants: ['client_credentials'],
  response: { path: ['data'], expiresInUnit: 'milliseconds' },
};

const parse = (file: object, providers: readonly string[] = ['kajabi']) =>
  parseConnections(JSON.stringify(file), { providers });

function told(file: object): string[] {
  const parsed = parse(file);
  return parsed.ok ? [] : parsed.problems.map(fileProblemText);
}

function only(file: object) {
  const parsed = parse(file);
  if (!parsed.ok) throw new Error(parsed.problems.map(fileProblemText).join('\n'));
  const connection = [...parsed.connections.values()][0];
  if (connection === undefined) throw new Error('there is no connection');
  return connection;
}

describe('a provider that the file defines itself', () => {
  const using = { provider: 'shop', placeholders: { tenant: 'we' }, credentials: 'shop' };

  test('is what its connections carry, and nobody needs to know its name any more', () => {
    const connection = only({ presets: { shop }, connections: { orders: using } });
    expect(connection).not.toHaveProperty('provider');
    const preset = presetOfSync(connection, () => undefined);
    expect(resolveConnection('orders', connection, preset)).toMatchObject({
      tokenUrl: 'https://we.shop.example/token',
      response: { path: ['data'], expiresInUnit: 'milliseconds' },
      grants: ['client_credentials'],
    });
  });

  test('is bent by a connection’s own rules', () => {
    const rules = { response: { path: [] } };
    const connection = only({ presets: { shop }, connections: { orders: { ...using, rules } } });
    expect(presetOfSync(connection, () => undefined).response).toMatchObject({
      path: [],
      expiresInUnit: 'milliseconds',
    });
  });

  test('is called by its own name in messages, or by its key', () => {
    for (const [preset, name] of [
      [shop, 'The shop'],
      [{ ...shop, name: undefined }, 'shop'],
    ] as const) {
      const connection = only({
        presets: { shop: preset },
        connections: { orders: { ...using, placeholders: {} } },
      });
      const [problem] = checkConnection(
        'orders',
        connection,
        presetOfSync(connection, () => undefined),
      );
      expect(problem?.message).toContain(`placeholders: ${name} needs "tenant"`);
    }
  });

  test('may not take the name of one that exists', () => {
    expect(told({ presets: { kajabi: shop }, connections: {} })).toEqual([
      expect.stringMatching(/^connections\.json:1:\d+ presets\.kajabi: is the name of a preset that exists/),
    ]);
  });

  test.each([
    [
      'a secret',
      { request: { parameters: { client_secret: 'x' } } },
      'presets.shop.request.parameters.client_secret: must not stand here',
    ],
    [
      'an endpoint that shows another host',
      { tokenUrl: 'https://\u0131dp.example/' },
      'presets.shop.tokenUrl: leads to the host',
    ],
  ])('with %s in it is refused, once for all that use it', (_, more, expected) => {
    const connections = { orders: using, others: { ...using, credentials: 'others' } };
    expect(told({ presets: { shop: { ...shop, ...more } }, connections })).toEqual([
      expect.stringContaining(expected),
    ]);
  });

  test('is among what a name that nobody knows may have meant', () => {
    expect(told({ presets: { shop }, connections: { orders: { ...using, provider: 'shopp' } } })).toEqual([
      expect.stringContaining('there is no preset "shopp"; did you mean "shop"?'),
    ]);
  });

  test.each([
    ['respons', { respons: {} }, 'presets.shop.respons: is no known key; did you mean "response"?'],
    [
      'a rule inside',
      { response: { expires_in_unit: 'ms' } },
      'presets.shop.response.expires_in_unit: is no known key; did you mean "expiresInUnit"?',
    ],
    [
      'a value',
      { response: { expiresInUnit: 'millis' } },
      'presets.shop.response.expiresInUnit: expected one of "seconds", "milliseconds", "minutes", found "millis"',
    ],
  ])('with %s that is wrong is told at its place', (_, wrong, expected) => {
    expect(told({ presets: { shop: { ...shop, ...wrong } }, connections: {} })[0]).toContain(expected);
  });
});

test('rules of a connection are told of at their place too', () => {
  const rules = { request: { methd: 'GET' } };
  const orders = { tokenUrl: 'https://a.example/t', credentials: 'a', rules };
  expect(told({ connections: { orders } })[0]).toContain(
    'connections.orders.rules.request.methd: is no known key; did you mean "method"?',
  );
});

test('a definition that no parameter holds is refused with its size', () => {
  const headers = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`x-${n}`, 'v'.repeat(50)]));
  const connection = only({
    connections: {
      orders: { tokenUrl: 'https://a.example/t', credentials: 'a', rules: { request: { headers } } },
    },
  });
  const [problem] = checkConnection(
    'orders',
    connection,
    presetOfSync(connection, () => undefined),
  );
  expect(problem).toMatchObject({ level: 'error', message: expect.stringMatching(/is \d{5} bytes of JSON/) });
});

test('an editor knows the rules, and asks for none of them', () => {
  const schema = JSON.stringify(connectionsJsonSchema());
  expect(schema).toContain('"expiresInUnit"');
  expect(schema).not.toContain('"required":["clientAuthentication"');
});
