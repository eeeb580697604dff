import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../../../functions/handlers/config.ts';

const LEAST = { EVERTOKEN_STATE_TABLE: 'evertoken-state' };

function problem(env: Record<string, string | undefined>): string {
  try {
    readConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error('nothing was thrown');
}

describe('the state table', () => {
  it.each([undefined, ''])('is required: %j is refused', (value) => {
    expect(problem({ EVERTOKEN_STATE_TABLE: value })).toBe(
      'EVERTOKEN_STATE_TABLE must be set to the name of the state table',
    );
  });

  it('must have a name that DynamoDB knows', () => {
    expect(problem({ EVERTOKEN_STATE_TABLE: 'a b' })).toMatch(
      /^EVERTOKEN_STATE_TABLE="a b": must be the name/,
    );
  });
});

describe('the namespace', () => {
  it.each([
    ['awsome', 'reserves'],
    ['Ever Token', 'a-z'],
  ])('%s is refused', (value, message) => {
    const text = problem({ ...LEAST, EVERTOKEN_NAMESPACE: value });
    expect(text).toContain(`EVERTOKEN_NAMESPACE="${value}"`);
    expect(text).toContain(message);
  });
});

describe('secret writes per second', () => {
  it.each(['0', '51', '-1', 'many', '1e1', '0x10', 'NaN', 'Infinity', ' 5'])('%j is refused', (value) => {
    expect(problem({ ...LEAST, EVERTOKEN_SECRET_WRITES_PER_SECOND: value })).toBe(
      `EVERTOKEN_SECRET_WRITES_PER_SECOND="${value}": must be a number from 1 to 50`,
    );
  });

  it.each([
    ['1', 1],
    ['50', 50],
  ])('%s is allowed', (value, number) => {
    expect(readConfig({ ...LEAST, EVERTOKEN_SECRET_WRITES_PER_SECOND: value }).secretWritesPerSecond).toBe(
      number,
    );
  });
});

describe('allowed token origins', () => {
  it.each([
    'https://idp.internal/',
    'https://idp.internal/token',
    'https://idp.internal:443',
    'HTTPS://idp.internal',
    'https://user@idp.internal',
    'ftp://idp.internal',
    'idp.internal',
    '*',
  ])('%s is refused', (value) => {
    const text = problem({ ...LEAST, EVERTOKEN_ALLOWED_TOKEN_ORIGINS: `https://ok.internal, ${value}` });
    expect(text).toContain('EVERTOKEN_ALLOWED_TOKEN_ORIGINS=');
    expect(text).toContain(`"${value}" is no origin`);
  });

  it('may be separated by commas and spaces', () => {
    const origins = 'https://a.internal,http://127.0.0.1:8080  https://b.internal:8443 ,';
    expect(readConfig({ ...LEAST, EVERTOKEN_ALLOWED_TOKEN_ORIGINS: origins }).allowedTokenOrigins).toEqual([
      'https://a.internal',
      'http://127.0.0.1:8080',
      'https://b.internal:8443',
    ]);
  });
});

describe('events of refreshed tokens', () => {
  const NAME = 'EVERTOKEN_TOKEN_REFRESHED_EVENTS';

  it.each(['0', 'no', 'False', ' false'])('%j is refused', (value) => {
    expect(problem({ ...LEAST, [NAME]: value })).toBe(`${NAME}="${value}": must be "true" or "false"`);
  });

  it('are told unless they are switched off', () => {
    for (const value of [undefined, '', 'true']) {
      expect(readConfig({ ...LEAST, [NAME]: value })).not.toHaveProperty('tokenRefreshedEvents');
    }
    expect(readConfig({ ...LEAST, [NAME]: 'false' }).tokenRefreshedEvents).toBe(false);
  });
});

describe('the key of rescues', () => {
  it.each([
    'arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f',
    'arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/mrk-0a1b2c3d',
  ])('may be %s', (value) => {
    expect(readConfig({ ...LEAST, EVERTOKEN_RESCUE_KEY: value }).rescueKey).toBe(value);
  });

  it.each([
    'alias/evertoken-rescue',
    'arn:aws:kms:eu-central-1:111122223333:alias/evertoken-rescue',
    '0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f',
    'arn:aws:s3:::bucket',
  ])('is refused as %s: nobody may point it elsewhere', (value) => {
    expect(problem({ ...LEAST, EVERTOKEN_RESCUE_KEY: value })).toMatch(
      /^EVERTOKEN_RESCUE_KEY=".*": must be the ARN of a KMS key, e\.g\. arn:/,
    );
  });
});

describe('the time scale', () => {
  it.each(['0', '0.5', 'fast', '9'.repeat(400)])('%s is refused', (value) => {
    expect(problem({ ...LEAST, EVERTOKEN_TIME_SCALE: value })).toBe(
      `EVERTOKEN_TIME_SCALE="${value}": must be a number of at least 1`,
    );
  });

  it('may be a fraction above 1', () => {
    expect(readConfig({ ...LEAST, EVERTOKEN_TIME_SCALE: '1.5' }).timeScale).toBe(1.5);
  });
});

it('names every variable that is wrong', () => {
  const text = problem({ EVERTOKEN_NAMESPACE: 'aws', EVERTOKEN_TIME_SCALE: '0' });
  for (const name of ['EVERTOKEN_NAMESPACE', 'EVERTOKEN_STATE_TABLE', 'EVERTOKEN_TIME_SCALE']) {
    expect(text).toContain(name);
  }
});

it('has a default for everything but the table', () => {
  expect(readConfig({ ...LEAST, EVERTOKEN_NAMESPACE: '', PATH: '/bin' })).toEqual({
    namespace: 'evertoken',
    stateTable: 'evertoken-state',
    parameterWritesPerSecond: 3,
    secretWritesPerSecond: 20,
    allowedTokenOrigins: [],
    timeScale: 1,
  });
});
