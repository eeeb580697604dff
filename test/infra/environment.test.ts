import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../functions/handlers/config.ts';
import { resourcesOf, synthesise } from '../support/synthesised.ts';

const TABLE = 'payments-state';
const TOKEN_KEY = 'arn:aws:kms:eu-central-1:111122223333:key/4e5f6a7b';
const RESCUE_KEY = 'arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d';

/** Nothing is what it would be by default, so that no variable can be missed. */
const { refresh } = synthesise({
  connections: { crm: { provider: 'kajabi', credentials: 'kajabi-main', consoleRotate: true } },
  context: {
    namespace: 'payments',
    allowedTokenOrigins: 'https://idp.internal:8443',
    secretWritesPerSecond: '7',
    parameterWritesPerSecond: '10',
    tokenRefreshedEvents: 'false',
  },
});

const WANTED = {
  namespace: 'payments',
  stateTable: TABLE,
  rescueKey: RESCUE_KEY,
  tokenKey: TOKEN_KEY,
  parameterWritesPerSecond: 10,
  secretWritesPerSecond: 7,
  allowedTokenOrigins: ['https://idp.internal:8443'],
  tokenRefreshedEvents: false,
  timeScale: 1,
};

/** What comes from the other stack. */
const FROM_STORAGE: Readonly<Record<string, string>> = {
  EVERTOKEN_STATE_TABLE: TABLE,
  EVERTOKEN_RESCUE_KEY: RESCUE_KEY,
  EVERTOKEN_TOKEN_KEY: TOKEN_KEY,
};

const functions = Object.values(resourcesOf(refresh, 'AWS::Lambda::Function')).map(({ Properties }) => {
  const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
  const variables = Object.entries(Variables).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : FROM_STORAGE[name],
  ]);
  return [
    String(Properties['FunctionName']),
    Object.fromEntries(variables) as Record<string, string>,
  ] as const;
});

function configOf(variables: Readonly<Record<string, string>>): unknown {
  try {
    return readConfig(variables);
  } catch (error) {
    return (error as Error).name;
  }
}

describe.each(functions)('the environment of %s', (name, variables) => {
  // It has buttons, since what they ask for is deployed.
  const wanted = name === 'payments-status-widget' ? { ...WANTED, statusButtons: true } : WANTED;

  test('says all that was asked for', () => {
    expect(configOf(variables)).toEqual(wanted);
  });

  test.each(Object.keys(variables))('says something else without %s', (taken) => {
    const { [taken]: _taken, ...others } = variables;
    expect(isDeepStrictEqual(configOf(others), wanted)).toBe(false);
  });
});

test('there are functions to look at', () => {
  expect(functions.length).toBeGreaterThanOrEqual(3);
});

test('where AWS manages the keys, no function is told of one', () => {
  const { refresh: aws } = synthesise({ context: { encryption: 'aws-managed' } });
  expect(JSON.stringify(aws)).not.toMatch(/EVERTOKEN_(RESCUE|TOKEN)_KEY/);
});
