import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readDeclaredConnections } from '../../infra/declared-connections.ts';
import { addEvertokenStacks } from '../../infra/evertoken-app.ts';
import { ROOT } from '../support/source-files.ts';
import { problemOf } from '../support/synth-problem.ts';
import {
  createApp,
  resourceOf,
  resourcesOf,
  synthesise,
  writeConnections,
  writeSettings,
} from '../support/synthesised.ts';

const TOPIC = 'arn:aws:sns:eu-central-1:111122223333:on-call';

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

describe('the settings of a deployment', () => {
  /** What the stack is annotated with. */
  const told = (settings: Record<string, unknown>, context = {}) => {
    const app = createApp({
      settings: writeSettings({ connections: writeConnections({ connections: {} }), ...settings }),
      ...context,
    });
    return addEvertokenStacks(app).refresh.node.metadata.map(({ type, data }) => `${type} ${data}`);
  };

  test('without anybody to be told are warned of, unless that is meant', () => {
    const nobody = expect.stringMatching(
      /^aws:cdk:warning 9 alarms, and what needs a person, reach nobody: say "alarmEmail"/,
    );
    expect(told({})).toContainEqual(nobody);
    expect(told({ alarmEmail: null })).not.toContainEqual(nobody);
    expect(told({ alarmEmail: 'on-call@example.com' })).not.toContainEqual(nobody);
    expect(told({ alarmTopicArn: TOPIC })).not.toContainEqual(nobody);
  });

  test('that only the context says are told of', () => {
    const only = expect.stringMatching(
      /^aws:cdk:info "secretWritesPerSecond" is 48 by the context of this run/,
    );
    expect(told({}, { secretWritesPerSecond: '48' })).toContainEqual(only);
    expect(told({ secretWritesPerSecond: 48 }, { secretWritesPerSecond: '48' })).not.toContainEqual(only);
  });

  test('name what exists already, and nothing of it is looked up', () => {
    const keyArn = 'arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000';
    const permissionsBoundaryArn = 'arn:aws:iam::111122223333:policy/boundary';
    const network = {
      vpcId: 'vpc-0a1b2c3d',
      subnetIds: ['subnet-0a1b2c3d'],
      securityGroupIds: ['sg-0a1b2c3d'],
    };
    const { storage, refresh } = synthesise({
      settings: {
        alarmTopicArn: TOPIC,
        keyArn,
        permissionsBoundaryArn,
        network,
        tags: { team: 'crm' },
        logRetentionDays: 90,
      },
    });
    expect(resourceOf(storage, 'AWS::DynamoDB::Table').Properties).toMatchObject({
      SSESpecification: { KMSMasterKeyId: keyArn },
      Tags: [{ Key: 'team', Value: 'crm' }],
    });
    for (const { Properties } of Object.values(resourcesOf(refresh, 'AWS::CloudWatch::Alarm'))) {
      expect(Properties['AlarmActions']).toEqual([TOPIC]);
    }
    expect(resourcesOf(refresh, 'AWS::SNS::Topic')).toEqual({});
    for (const { Properties } of Object.values(resourcesOf(refresh, 'AWS::IAM::Role'))) {
      expect(Properties['PermissionsBoundary']).toBe(permissionsBoundaryArn);
    }
    for (const { Properties } of Object.values(resourcesOf(refresh, 'AWS::Lambda::Function'))) {
      expect(Properties['VpcConfig']).toEqual({
        SubnetIds: network.subnetIds,
        SecurityGroupIds: network.securityGroupIds,
      });
    }
    for (const { Properties } of Object.values(resourcesOf(refresh, 'AWS::Logs::LogGroup'))) {
      expect(Properties['RetentionInDays']).toBe(90);
    }
  });
});

/** The connections of this checkout, and nobody who is told. */
const PLAIN = { connections: join(ROOT, 'connections.json') };

describe('cdk synth', { timeout: 90_000 }, () => {
  /** Without an account, and with no way into a network. */
  const ENVIRONMENT = {
    PATH: process.env['PATH'],
    HOME: tmpdir(),
    HTTP_PROXY: 'http://127.0.0.1:9',
    HTTPS_PROXY: 'http://127.0.0.1:9',
    AWS_EC2_METADATA_DISABLED: 'true',
    NO_COLOR: '1',
    // What Node compiled before.
    ...(process.env['NODE_COMPILE_CACHE'] && { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] }),
  };

  function cdk(...words: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const output = mkdtempSync(join(tmpdir(), 'evertoken-cdk-'));
    const command = ['node_modules/aws-cdk/bin/cdk', 'synth', '--quiet'];
    command.push(...(words.includes('--output') ? [] : ['--output', output]), ...words);
    const options = {
      cwd: ROOT,
      env: {
        ...ENVIRONMENT,
        PATH: `${ROOT}node_modules/.bin:${ENVIRONMENT.PATH}`,
        CDK_VALIDATION: process.env['CDK_VALIDATION'],
      },
    };
    return new Promise((resolve) => {
      const child = execFile(process.execPath, command, options, (_error, stdout, stderr) => {
        const outcome = { code: child.exitCode, stdout, stderr };
        resolve(rm(output, { recursive: true, force: true }).then(() => outcome));
      });
    });
  }

  afterEach(() => void vi.unstubAllEnvs());

  test('works in a checkout, offline and without an account, and warns of nothing but alarms without people', async () => {
    vi.stubEnv('CDK_VALIDATION', undefined);
    const { code, stderr } = await cdk('--context', `settings=${writeSettings(PLAIN)}`);
    expect(stderr.match(/warning|deprecated|feature flags|error/gi)).toEqual(['WARNING']);
    expect(stderr).toContain('9 alarms, and what needs a person, reach nobody: say "alarmEmail"');
    expect(code).toBe(0);
  });

  test('stops where it would take back in silence what a run before it was given', async () => {
    // What is written has been looked at above, and the code of the functions was copied there.
    vi.stubEnv('CDK_VALIDATION', 'false');
    const output = mkdtempSync(join(tmpdir(), 'evertoken-cdk-'));
    const words = ['--no-staging', '--context', `settings=${writeSettings(PLAIN)}`, '--output', output];
    try {
      const first = await cdk(...words, '--context', 'alarmEmail=on-call@example.com');
      expect(first).toMatchObject({ code: 0 });
      expect(first.stderr).toContain('"alarmEmail" is "on-call@example.com" by the context of this run');
      const upgrade = await cdk(...words);
      expect(upgrade).toMatchObject({ code: 1 });
      expect(upgrade.stderr).toContain('  "alarmEmail": "on-call@example.com"\nTo keep it, write that into ');
    } finally {
      await rm(output, { recursive: true });
    }
  });

  test('stops at a bad file with the sentence and no trace of the program', async () => {
    const file = writeConnections({ connections: { crm: { provider: 'kajaby', credentials: 'a' } } });
    const { code, stderr } = await cdk('--context', `settings=${writeSettings({ connections: file })}`);
    expect(code).toBe(1);
    expect(stderr).toContain('connections.crm.provider: there is no preset "kajaby"; did you mean "kajabi"?');
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
