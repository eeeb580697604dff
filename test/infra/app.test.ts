import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readDeclaredConnections } from '../../infra/declared-connections.ts';
import { readSettings } from '../../infra/settings.ts';
import { SynthProblem } from '../../infra/synth-problem.ts';
import { ROOT } from '../support/source-files.ts';
import { synthesise, writeConnections } from '../support/synthesised.ts';

/** The message with which something stops synthesis. */
function problemOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof SynthProblem) return error.message;
    throw error;
  }
  throw new Error('nothing was wrong');
}

describe('context', () => {
  const read = (context: Record<string, unknown>) => readSettings((key) => context[key]);

  test('that is absent or empty leaves every default', () => {
    const defaults = { namespace: 'evertoken', connections: 'connections.json' };
    expect(read({})).toEqual(defaults);
    expect(
      read({ namespace: '', alarmEmail: '', allowedTokenOrigins: '', secretWritesPerSecond: '' }),
    ).toEqual(defaults);
  });

  test('comes as strings from the command line', () => {
    expect(
      read({
        namespace: 'payments',
        connections: 'payments.json',
        encryption: 'aws-managed',
        alarmEmail: 'on-call@example.com',
        allowedTokenOrigins: 'https://a.internal, https://b.internal',
        secretWritesPerSecond: '7.5',
        parameterWritesPerSecond: '10',
        statusWidget: 'read-only',
        tokenRefreshedEvents: 'false',
      }),
    ).toEqual({
      namespace: 'payments',
      connections: 'payments.json',
      encryption: 'aws-managed',
      alarmEmail: 'on-call@example.com',
      allowedTokenOrigins: ['https://a.internal', 'https://b.internal'],
      secretWritesPerSecond: 7.5,
      parameterWritesPerSecond: 10,
      statusWidget: 'read-only',
      tokenRefreshedEvents: false,
    });
  });

  test('comes as JSON from cdk.json', () => {
    const json = {
      allowedTokenOrigins: ['https://a.internal'],
      secretWritesPerSecond: 7,
      tokenRefreshedEvents: false,
    };
    expect(read(json)).toMatchObject(json);
    expect(read({ tokenRefreshedEvents: true })).toMatchObject({ tokenRefreshedEvents: true });
  });

  test.each([
    [
      { encryption: 'none' },
      'context "encryption": expected one of "customer-managed", "aws-managed", found "none"',
    ],
    [{ alarmEmail: 'me' }, 'context "alarmEmail": expected an e-mail address, found "me"'],
    [
      { parameterWritesPerSecond: [3] },
      'context "parameterWritesPerSecond": expected a number from 0.1 to 40, found [3]',
    ],
    [
      { secretWritesPerSecond: 'fast' },
      'context "secretWritesPerSecond": expected a number from 1 to 50, found "fast"',
    ],
    [
      { tokenRefreshedEvents: 'no' },
      'context "tokenRefreshedEvents": expected one of "true", "false", found "no"',
    ],
    [{ namespace: 7 }, 'context "namespace": expected a string, found 7'],
    [
      { allowedTokenOrigins: [7] },
      'context "allowedTokenOrigins": expected strings with commas between, found [7]',
    ],
    [
      { namespace: 'AWS-x' },
      'context "namespace": "AWS-x" begins with "aws" or "ssm", which Parameter Store reserves',
    ],
    [
      { namespace: 'a_b' },
      'context "namespace": "a_b" must be 1 to 32 characters of a-z, 0-9 and "-", beginning with a letter or digit',
    ],
    [
      { namespace: '1st' },
      'context "namespace": "1st" must begin with a letter: the stacks are named after it',
    ],
  ])('%j is refused with what is allowed', (context, message) => {
    expect(problemOf(() => read(context))).toBe(message);
  });

  test.each([
    [{ secretWritesPerSecond: '51' }, 'secretWritesPerSecond: found 51; expected a number from 1 to 50'],
    [
      { parameterWritesPerSecond: '41' },
      'parameterWritesPerSecond: found 41; expected a number from 0.1 to 40',
    ],
    [
      { parameterWritesPerSecond: '0.09' },
      'parameterWritesPerSecond: found 0.09; expected a number from 0.1 to 40',
    ],
    [{ secretWritesPerSecond: '0' }, 'secretWritesPerSecond: found 0; expected a number from 1 to 50'],
    [
      { allowedTokenOrigins: 'https://a/x' },
      /^allowedTokenOrigins: found "https:\/\/a\/x"; expected scheme, host and port/,
    ],
  ])('%j stops synthesis', (context, message) => {
    expect(problemOf(() => synthesise({ context }))).toMatch(message);
  });
});

describe('connections.json', () => {
  const found = (connections: unknown) => {
    const file = writeConnections({ connections });
    return problemOf(() => readDeclaredConnections(file, 'evertoken')).replaceAll(file, 'connections.json');
  };
  const CRM = { provider: 'kajabi', credentials: 'kajabi-main' };
  const SOME = { tokenUrl: 'https://idp.example.com/token', credentials: 'some' };

  test.each([
    [
      'an unknown provider',
      { crm: { ...CRM, provider: 'kajaby' } },
      /^connections\.json:1:\d+ connections\.crm\.provider: there is no preset "kajaby"; did you mean "kajabi"\?$/,
    ],
    [
      'a bad name',
      { 'CRM prod': CRM },
      /^connections\.json:1:\d+ connections\["CRM prod"\]: as a key: the name must consist of segments/,
    ],
    [
      'an unknown key',
      { crm: { ...CRM, scopes: 'a' } },
      /connections\.crm\.scopes: is no known key; did you mean "scope"\?; allowed are/,
    ],
    [
      'a value of the wrong type',
      { crm: { ...CRM, marginSeconds: 'long' } },
      /connections\.crm\.marginSeconds: expected a positive integer, found "long"/,
    ],
    [
      'a lifetime that does not fit',
      { some: { ...SOME, defaultLifetimeSeconds: 200 } },
      /^connections\.json: connections\.some\.defaultLifetimeSeconds: a token that lives 200 s .*have the provider issue tokens that live at least \d+ s/,
    ],
    [
      'a margin that does not fit',
      { some: { ...SOME, marginSeconds: 60 } },
      /^connections\.json: connections\.some\.marginSeconds: .* the margin is 60 s and would have to be at least 450 s.*set marginSeconds to 450/,
    ],
    [
      'a grant that the provider lacks',
      { crm: { ...CRM, grants: ['urn:example:grant'] } },
      /^connections\.json: connections\.crm\.grants: Kajabi has no grant type "urn:example:grant".*it knows/,
    ],
  ])('%s stops synthesis with its place and what is allowed', (_, connections, message) => {
    expect(found(connections)).toMatch(message);
  });

  test('all that is wrong is told at once, a line each', () => {
    const lines = found({ a: { ...SOME, marginSeconds: 60 }, b: { ...SOME, marginSeconds: 60 } }).split('\n');
    expect(lines.map((line) => line.slice(0, 44))).toEqual([
      'connections.json: connections.a.marginSecond',
      'connections.json: connections.b.marginSecond',
    ]);
  });

  test('more tokens of minutes than Parameter Store takes writes for stop synthesis, with the arithmetic', () => {
    const names = Array.from({ length: 70 }, (_, index) => `c${index}`);
    const connections = Object.fromEntries(
      names.map((name) => [name, { ...SOME, defaultLifetimeSeconds: 300, readerCacheSeconds: 30 }]),
    );
    const context = { parameterWritesPerSecond: '0.5' };
    expect(problemOf(() => synthesise({ connections, context }))).toMatch(
      /connections\.json: connections: this deployment would need 0\.6 writes a second, and Parameter Store takes 0\.5 \(parameterWritesPerSecond\) for the 70 tokens .*: have the provider issue tokens that live longer, or /,
    );
    const fewer = Object.fromEntries(Object.entries(connections).slice(0, 67));
    expect(readDeclaredConnections(writeConnections({ connections: fewer }), 'evertoken', 0.5).size).toBe(67);
  });

  test('a file that is not there is named', () => {
    expect(problemOf(() => readDeclaredConnections('nowhere.json', 'evertoken'))).toBe(
      'nowhere.json: cannot be read (ENOENT); the context "connections" names the file of connections',
    );
  });

  test('a file that is no JSON is told where', () => {
    const file = writeConnections('{\n  "connections": {,}\n}');
    expect(problemOf(() => readDeclaredConnections(file, 'evertoken'))).toMatch(
      /connections\.json:2:\d+ this is not JSON/,
    );
  });

  test('of the repository can be deployed as it is', () => {
    expect(readDeclaredConnections(join(ROOT, 'connections.json'), 'evertoken').size).toBeGreaterThan(0);
  });

  test('with a part of an ARN is refused, as a policy could not name it', () => {
    const credentials = {
      secretArn: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:legacy',
      fields: {},
    };
    expect(problemOf(() => synthesise({ connections: { some: { ...SOME, credentials } } }))).toMatch(
      /^connections\.some\.credentials\.secretArn: found "arn:[^"]+"; expected the whole ARN/,
    );
  });
});

describe('cdk synth', { timeout: 90_000 }, () => {
  /** Without an account, and with no way into a network. */
  const ENVIRONMENT = {
    PATH: process.env['PATH'],
    HOME: tmpdir(),
    HTTP_PROXY: 'http://127.0.0.1:9',
    HTTPS_PROXY: 'http://127.0.0.1:9',
    AWS_EC2_METADATA_DISABLED: 'true',
    NO_COLOR: '1',
  };

  function cdk(...words: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const output = mkdtempSync(join(tmpdir(), 'evertoken-cdk-'));
    const command = ['node_modules/aws-cdk/bin/cdk', 'synth', '--quiet', '--output', output, ...words];
    const options = {
      cwd: ROOT,
      env: { ...ENVIRONMENT, PATH: `${ROOT}node_modules/.bin:${ENVIRONMENT.PATH}` },
    };
    return new Promise((resolve) => {
      const child = execFile(process.execPath, command, options, (_error, stdout, stderr) => {
        rmSync(output, { recursive: true, force: true });
        resolve({ code: child.exitCode, stdout, stderr });
      });
    });
  }

  test('works in a checkout, offline and without an account, and has nothing to warn of', async () => {
    const { code, stderr } = await cdk();
    expect(stderr).not.toMatch(/warning|deprecated|feature flags|error/i);
    expect(code).toBe(0);
  });

  test('stops at a bad file with the sentence and no trace of the program', async () => {
    const file = writeConnections({ connections: { crm: { provider: 'kajaby', credentials: 'a' } } });
    const { code, stderr } = await cdk('--context', `connections=${file}`);
    expect(code).toBe(1);
    expect(stderr).toContain('connections.crm.provider: there is no preset "kajaby"; did you mean "kajabi"?');
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
