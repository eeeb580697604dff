import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, ResourceInUseException } from '@aws-sdk/client-dynamodb';
import { DeleteSecretCommand, RestoreSecretCommand } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stateTableDefinition } from '../../../functions/aws/state-table/state-table-definition.ts';
import { createLocalAwsClients } from '../../../local/endpoint-clients.ts';
import { type CliDeployment, startCliDeployment } from '../support/cli-deployment.ts';
import { timeless } from '../support/run-command.ts';

let deployment: CliDeployment;

/** As the stack makes it, with a key of the deployment's own. */
async function giveKey({ system }: CliDeployment): Promise<void> {
  const { dynamodb } = createLocalAwsClients(system.endpoint.url);
  const SSESpecification = {
    Enabled: true,
    SSEType: 'KMS',
    KMSMasterKeyId: 'arn:aws:kms:us-east-1:000000000000:key/own',
  } as const;
  const table = { ...stateTableDefinition('evertoken-state'), SSESpecification };
  await expect(dynamodb.send(new CreateTableCommand(table))).rejects.toThrow(ResourceInUseException);
  dynamodb.destroy();
}

beforeAll(async () => {
  deployment = await startCliDeployment();
  await giveKey(deployment);
});

afterAll(() => deployment[Symbol.asyncDispose]());

const doctor = async () => {
  const result = await deployment.run(['doctor']);
  return { ...result, stdout: timeless(result.stdout).replace(/127\.0\.0\.1:\d+/g, '<host>') };
};

describe('evertoken doctor', () => {
  it('finds nothing wrong where nothing is', async () => {
    expect(await doctor()).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: `ok       state table: is there
ok       state table: can be read
ok       state table: can be written
ok       declarations: can be listed
ok       refresh-now: is there and can be invoked
ok       secrets: can be written
ok       clock: agrees with AWS
ok       ticks: the last one ended at <instant>
ok       kajabi-demo: has what it needs
ok       rotating-demo: has what it needs
ok       slashid-demo: has what it needs
ok       pace: 3 connections take 0.0025 of 20 writes of secrets a second; tokens would be late beyond 21,985 like these, and beyond 4,397 when all are due at once
ok       credentials kajabi-demo: go to http://<host> (kajabi-demo), and their secret does not say where they may go
ok       credentials rotating-demo: go to http://<host> (rotating-demo), and their secret does not say where they may go
ok       credentials slashid-demo: go to http://<host> (slashid-demo), and their secret does not say where they may go
ok       http://<host>: answers
ok       http://<host>: answers
ok       http://<host>: answers

Nothing is wrong that can be seen from here.
`,
    });
  });

  it('changes nothing and reads no secret', async () => {
    const { calls } = deployment.system.endpoint;
    calls.reset();
    await doctor();
    // The consumer of local mode reads tokens meanwhile.
    const made = calls.all.filter(({ resource }) => !resource?.includes('/tokens/'));
    const operations = new Set(made.map(({ operation }) => operation));
    expect([...operations].sort()).toEqual([
      'DescribeSecret',
      'DescribeTable',
      'GetItem',
      'GetParameter',
      'GetParametersByPath',
      'Invoke',
      'PutSecretValue',
      'Scan',
      'UpdateItem',
    ]);
  });

  describe('of the settings', () => {
    const folder = mkdtempSync(join(tmpdir(), 'evertoken-settings-'));
    afterAll(() => rmSync(folder, { recursive: true }));

    const doctorWith = async (deployed: unknown, file: unknown) => {
      const { ssm } = createLocalAwsClients(deployment.system.endpoint.url);
      const Name = '/evertoken/deployment';
      await ssm.send(
        new PutParameterCommand({ Name, Value: JSON.stringify(deployed), Type: 'String', Overwrite: true }),
      );
      ssm.destroy();
      const path = join(folder, 'deployment.json');
      writeFileSync(path, typeof file === 'string' ? file : JSON.stringify(file));
      const { stdout } = await deployment.run(['doctor', '--settings', path]);
      const lines = stdout.replaceAll(path, 'deployment.json').split('\n');
      return lines.filter(
        (line, index) => /settings: /.test(line) || /settings: /.test(lines[index - 1] ?? ''),
      );
    };
    const deployed = {
      schema: 1,
      settings: {
        encryption: 'customer-managed',
        alarmEmail: 'on-call@example.com',
        secretWritesPerSecond: 48,
      },
    };

    it('says what the next deployment would take back', async () => {
      expect(await doctorWith(deployed, { secretWritesPerSecond: 30 })).toEqual([
        'warning  settings: alarmEmail is "on-call@example.com" as it is deployed, and deployment.json says nothing of it: the next deployment by that file changes it.',
        '         To do: Write "alarmEmail": "on-call@example.com" there, unless the change is meant.',
        'warning  settings: secretWritesPerSecond is 48 as it is deployed, and deployment.json says 30: the next deployment by that file changes it.',
        '         To do: Write "secretWritesPerSecond": 48 there, unless the change is meant.',
      ]);
      expect(await doctorWith(deployed, { ...deployed.settings, encryption: 'aws-managed' })).toEqual([
        expect.stringContaining(
          'encryption is "customer-managed" as it is deployed, and deployment.json says "aws-managed"',
        ),
        expect.anything(),
      ]);
    });

    it('has nothing to say where the file says the same, or is of another namespace, or none is known', async () => {
      const [same = ''] = await doctorWith(deployed, deployed.settings);
      expect(same).toBe('ok       settings: are as deployment.json says');
      const usual = { schema: 1, settings: { statusWidget: 'with-buttons', tokenRefreshedEvents: true } };
      expect(await doctorWith(usual, {})).toContain('ok       settings: are as deployment.json says');
      expect(await doctorWith(deployed, { namespace: 'crm' })).toEqual([]);
      // As an earlier version wrote it.
      expect(await doctorWith({ schema: 1, connections: 3, digest: 'a' }, {})).toEqual([]);
      expect(await doctorWith('no record', {})).toEqual([]);
    });

    it('says what is wrong with the file, at its place', async () => {
      expect(await doctorWith(deployed, '{"alarmMail": 1}')).toEqual([
        expect.stringMatching(
          /^error {4}settings: deployment\.json:1:\d+ alarmMail: is no known key; did you mean "alarmEmail"/,
        ),
        '         To do: Correct it before the next deployment.',
      ]);
    });

    it('are what the pace is judged by', async () => {
      await doctorWith(deployed, {});
      expect((await doctor()).stdout).toMatch(/take 0\.0025 of 48 writes of secrets a second/);
      await doctorWith({ schema: 1 }, {});
    });
  });

  it('names a remedy for each connection that lacks something', async () => {
    const { tokenUrl } = deployment.system.providers.rotating;
    await deployment.declare('empty', { tokenUrl, credentials: 'nobody', grants: ['refresh_token'] });
    await deployment.declare('short', {
      provider: 'kajabi',
      credentials: 'kajabi-demo',
      defaultLifetimeSeconds: 240,
    });
    await deployment.declare('closed', { tokenUrl: 'http://127.0.0.1:9/token', credentials: 'kajabi-demo' });
    const { stdout, exitCode } = await doctor();
    expect(exitCode).toBe(3);
    expect(
      stdout,
    ).toContain(`error    empty: The secret evertoken/credentials/nobody of its credentials has no value yet.
         To do: evertoken credentials set nobody
error    empty: It has no refresh token yet, and no other grant.
         To do: Sign in with "evertoken authorize empty", or take one over with "evertoken refresh-token set empty".
`);
    expect(stdout).toMatch(
      /error {4}short: connections\.short\.defaultLifetimeSeconds: .*\n {9}To do: Correct it in connections\.json and deploy\./,
    );
    expect(stdout).toContain(
      'To do: Where that is meant, set allowedTokenOrigins for the deployment, and EVERTOKEN_ALLOWED_TOKEN_ORIGINS here.',
    );
    expect(stdout).toMatch(/\n\d errors, \d warnings?\.\n$/);
  });

  it('sees a connection that is declared and not registered, and one that is only registered', async () => {
    const { state } = deployment.system.functions.composition.ports;
    await state.unregister('short', deployment.clock.now(), { confirmed: true });
    await state.register('stray', { provider: 'kajabi', credentials: 'kajabi-demo' }, deployment.clock.now());
    const { stdout } = await doctor();
    expect(stdout).toContain(
      'warning  short: It is declared and not yet registered.\n         To do: evertoken refresh short\n',
    );
    expect(stdout).toContain('warning  stray: It is registered, and no declaration of it can be read.\n');
  });

  it('sees a secret that is marked for deletion, and how to restore it', async () => {
    const { secretsManager } = createLocalAwsClients(deployment.system.endpoint.url);
    const SecretId = 'evertoken/credentials/slashid-demo';
    await secretsManager.send(new DeleteSecretCommand({ SecretId }));
    const { stdout } = await doctor();
    await secretsManager.send(new RestoreSecretCommand({ SecretId }));
    expect(stdout).toContain(
      `error    slashid-demo: DescribeSecret ${SecretId}: the secret is marked for deletion.
         To do: Restore the secret: aws secretsmanager restore-secret --secret-id ${SecretId}.`,
    );
    expect((await doctor()).stdout).toContain('ok       slashid-demo: has what it needs');
  });

  it('sees a declaration that cannot be read', async () => {
    await deployment.declare('broken', { provider: 'kajabi' } as never);
    const { stdout } = await doctor();
    expect(stdout).toMatch(/error {4}broken: \/evertoken\/connections\/broken cannot be used: .*credentials/);
  });

  it('sees a clock that is off', async () => {
    const { clock } = deployment;
    const late = { ...clock, now: () => clock.now() + 120_500, sleep: clock.sleep };
    const { stdout } = await deployment.run(['doctor'], { clock: late });
    expect(stdout).toMatch(
      /warning {2}clock: The clock of this machine is (119|120|121|2) (s|min) ahead of that of AWS\./,
    );
  });

  it.each([
    ['DescribeTable', 'state table', 'deploy'],
    ['GetParametersByPath', 'declarations', 'policy'],
    ['Invoke', 'refresh-now', 'deploy'],
    ['PutSecretValue', 'secrets', 'policy'],
  ])('sees that %s is not allowed', async (operation, subject, remedy) => {
    deployment.deny(operation);
    const { stdout, exitCode } = await doctor();
    deployment.deny(undefined);
    expect(exitCode).toBe(3);
    expect(stdout).toContain(
      `error    ${subject}: You lack a permission of the operator's policy. (${operation} `,
    );
    expect(stdout).toContain(remedy);
  });

  it('says when there is no deployment', async () => {
    const { stdout, exitCode } = await deployment.run(['doctor', '--namespace', 'staging', '--json']);
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toEqual({
      findings: [
        {
          subject: 'state table',
          level: 'error',
          message: expect.stringContaining(
            'There is no deployment with the namespace "staging" in us-east-1',
          ),
          remedy: 'Deploy it with "npx cdk deploy --all", or check --namespace, --region and --profile.',
        },
      ],
    });
  });
});

it('warns where AWS manages the keys, of who reads a rescue then, and not where they are the deployment’s', async () => {
  await using plain = await startCliDeployment();
  const warning = `warning  rescues: AWS manages the keys of this deployment: a refresh token that has to be rescued can be read by everyone in the account who has ssm:GetParameter on /evertoken/rescue/*.
         To do: Grant that to nobody, or deploy with "encryption": "customer-managed" in deployment.json, which makes a key that only the refresher may use.
`;
  const before = await plain.run(['doctor']);
  expect(before.exitCode).toBe(0);
  expect(before.stdout).toContain(warning);
  await giveKey(plain);
  expect((await plain.run(['doctor'])).stdout).not.toContain('rescues');
});

describe('the pace of secret writes', () => {
  const HOURLY = {
    tokenUrl: 'https://idp.example.com/token',
    credentials: 'kajabi-demo',
    marginSeconds: 60,
    readerCacheSeconds: 0,
  };

  it('bears so many connections, and more are foreseen to be late, with the ways out', {
    timeout: 30_000,
  }, async () => {
    await using plain = await startCliDeployment();
    const { state } = plain.system.functions.composition.ports;
    for await (const { name } of state.list()) await state.setPaused(name, true, plain.clock.now());
    const none = await plain.run(['doctor']);
    expect(none.stdout).not.toContain('pace:');
    const names = Array.from({ length: 29 }, (_, index) => `many/${index}`);
    const dueAt = plain.clock.now() + 3_600_000;
    await Promise.all(names.map((name) => state.register(name, HOURLY, dueAt)));
    const { stdout } = await plain.run(['doctor']);
    expect(stdout).toContain(
      'ok       pace: 29 connections take 0.0086 of 20 writes of secrets a second; tokens would be late beyond 60,534 like these, and beyond 540 when all are due at once\n',
    );
    const env = { EVERTOKEN_SECRET_WRITES_PER_SECOND: '1' };
    const slow = await plain.run(['doctor'], { env });
    expect(slow.stdout).toContain(
      'warning  pace: Were all 29 connections due at once, as after an outage, the last would be fresh after 62 s with secretWritesPerSecond 1, and the shortest margin is 60 s: tokens expire before they are replaced beyond 27 connections like these.\n         To do: Set secretWritesPerSecond higher, to at most 50',
    );
  });

  it('is one that functions may have', async () => {
    const env = { EVERTOKEN_SECRET_WRITES_PER_SECOND: '51' };
    const { stderr, exitCode } = await deployment.run(['doctor'], { env });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('EVERTOKEN_SECRET_WRITES_PER_SECOND: "51": must be a number from 1 to 50');
  });
});

describe('tokens in parameters', () => {
  const MINUTES = {
    tokenUrl: 'https://idp.example.com/token',
    credentials: 'kajabi-demo',
    defaultLifetimeSeconds: 300,
    readerCacheSeconds: 30,
  };

  async function register(count: number, to: CliDeployment): Promise<void> {
    const { state } = to.system.functions.composition.ports;
    const names = Array.from({ length: count }, (_, index) => `short/${index}`);
    await Promise.all(names.map((name) => state.register(name, MINUTES, to.clock.now())));
  }

  it('are counted, and more than Parameter Store takes are warned of with the ways out', {
    timeout: 30_000,
  }, async () => {
    await using plain = await startCliDeployment();
    await giveKey(plain);
    await register(13, plain);
    const { stdout } = await plain.run(['doctor']);
    expect(stdout).toContain(
      'ok       parameters: hold 13 tokens, written 0.096 times a second, and Parameter Store takes 3\n',
    );
    await register(14, plain);
    const less = await plain.run(['doctor'], { env: { EVERTOKEN_PARAMETER_WRITES_PER_SECOND: '0.1' } });
    expect(less.stdout).toContain(
      'warning  parameters: This deployment would need 0.2 writes a second, and Parameter Store takes 0.1 (parameterWritesPerSecond) for the 14 tokens that go to parameters.\n         To do: Have the provider issue tokens that live longer, or ',
    );
    expect(less.stdout).not.toContain('AWS manages');
  });

  it('can be read by whoever may read parameters where AWS manages the keys, which is warned of', async () => {
    await using plain = await startCliDeployment();
    expect((await plain.run(['doctor'])).stdout).not.toContain('parameters:');
    await register(1, plain);
    const { stdout } = await plain.run(['doctor']);
    expect(stdout).toContain('ok       parameters: hold 1 token, written 0.0074 times a second');
    expect(stdout).toContain(
      'warning  parameters: AWS manages the keys of this deployment: a token in a parameter can be read by everyone in the account who has ssm:GetParameter on /evertoken/tokens/*, as each machine of Systems Manager has.',
    );
  });

  it('are counted only with a number that can be', async () => {
    const env = { EVERTOKEN_PARAMETER_WRITES_PER_SECOND: '41' };
    const { stderr, exitCode } = await deployment.run(['doctor'], { env });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('EVERTOKEN_PARAMETER_WRITES_PER_SECOND: "41": must be a number from 0.1 to 40');
  });
});
