import { stripVTControlCharacters } from 'node:util';
import { DeleteItemCommand, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compose, createLogger } from '../../functions/handlers/composition.ts';
import { refreshDueHandler } from '../../functions/handlers/refresh-due.ts';
import { refreshNowHandler } from '../../functions/handlers/refresh-now.ts';
import { firstInvisible, inert } from '../../functions/text/inert.ts';
import { AwsError } from '../../local/aws/wire/error-answer.ts';
import { createLocalAwsClients } from '../../local/endpoint-clients.ts';
import { type CliDeployment, startCliDeployment } from '../cli/support/cli-deployment.ts';
import { HOSTILE_TEXTS, type HostileText } from '../support/hostile-texts.ts';
import { quietOutput } from '../support/quiet-output.ts';

const HOUR = 3_600_000;
/** An item of DynamoDB's holds 400 KB, and this several times. */
const MOST_IN_STATE = 40_000;
/** A key of DynamoDB's holds 2,048 bytes. */
const MOST_IN_KEY = 300;
/** Of anything a person looks at: more than a screen of it is no help. */
const MOST_SHOWN = 60_000;
/** What became of an answer that is no success. */
const SAID = /HTTP 400|answered with too much/;

let deployment: CliDeployment;
let functions: ReturnType<typeof compose>;
let clients: ReturnType<typeof createLocalAwsClients>;
const events: string[] = [];

beforeAll(async () => {
  deployment = await startCliDeployment({ speed: 0 });
  const { endpoint, functions: deployed } = deployment.system;
  clients = createLocalAwsClients(endpoint.url);
  endpoint.onEvent((event) => events.push(JSON.stringify(event)));
  // The functions as deployed, but for their log, which a local run does without.
  functions = compose(deployed.composition.config, {
    clock: deployment.clock,
    clients,
    logger: createLogger({ logLevel: 'DEBUG' }),
  });
}, 60_000);

afterAll(async () => {
  for (const client of Object.values(clients)) client.destroy();
  await deployment[Symbol.asyncDispose]();
});

/** Fails where a text acts or hides. Line feeds are the layout of whoever printed it. */
function expectInert(text: string, where: string): void {
  expect(firstInvisible(text, ['\n']), `something invisible in ${where}`).toBeUndefined();
}

/** What is seen of a planted text, wherever it is seen. */
function seen({ text }: HostileText): string {
  // Halves of pairs do not survive UTF-8.
  return inert(text.toWellFormed().slice(0, 20)).replaceAll('\ufffd', '');
}

const context = {
  awsRequestId: 'request',
  functionName: 'refresh',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:refresh',
  memoryLimitInMB: '256',
  getRemainingTimeInMillis: () => 300_000,
} as Context;

/** Runs a function; answers with what it printed and what events it sent. */
async function told(run: () => Promise<unknown>): Promise<{ log: string; events: readonly string[] }> {
  events.length = 0;
  using output = quietOutput();
  await run();
  await deployment.system.endpoint.idle();
  return { log: output.text(), events: [...events] };
}

/** A state item that an older version, or somebody past all checks, wrote. */
function plant(dynamodb: DynamoDBClient, name: string, attributes: object) {
  const { stateTable } = functions.config;
  const item = {
    pk: `connection#${name}`,
    schema: 1,
    queue: 'due',
    registered: 'watch',
    dueAt: deployment.clock.now(),
    watchAt: deployment.clock.now(),
    generation: 0,
    failures: 1,
    writesByHour: {},
    definition: { tokenUrl: 'https://idp.example.com/token', credentials: 'nobody' },
    ...attributes,
  };
  return dynamodb.send(
    new PutItemCommand({ TableName: stateTable, Item: marshall(item, { removeUndefinedValues: true }) }),
  );
}

const uproot = (dynamodb: DynamoDBClient, name: string) =>
  dynamodb.send(
    new DeleteItemCommand({
      TableName: functions.config.stateTable,
      Key: marshall({ pk: `connection#${name}` }),
    }),
  );

/**
 * A busy machine takes a while from one look to the next: what is older by then is the same. So is the clock of the test,
 * which falls behind that of the endpoint's answers in minutes of such work, and is further behind by then.
 */
const withoutAges = (text: string) =>
  text
    .replace(/^.{0,12} clock: .*\n( +To do: Set it by a time server.*\n)?/m, '')
    .replace(/\d+/g, '0')
    .replace(/[ ─]+/g, ' ');

/** Commands as a person and as a script see them. */
async function look(...looks: readonly (readonly string[])[]): Promise<readonly string[]> {
  const shown: string[] = [];
  for (const args of looks) {
    const plain = await deployment.run(args);
    const coloured = await deployment.run(args, { terminal: true, columns: 1_000 });
    // A sequence that came through would be missed: elsewhere it is there, escaped.
    expect(withoutAges(stripVTControlCharacters(coloured.stdout))).toBe(withoutAges(plain.stdout));
    const json = await deployment.run([...args, '--json']);
    JSON.parse(json.stdout);
    for (const text of [plain.stdout, plain.stderr, json.stdout, json.stderr]) {
      expectInert(text, `evertoken ${args.join(' ')}`);
    }
    expect(plain.stdout.length).toBeLessThan(MOST_SHOWN);
    shown.push(plain.stdout, json.stdout);
  }
  return shown;
}

describe('a hostile text', () => {
  it.each(HOSTILE_TEXTS)('$what: in a state item, is shown and does nothing', async (row) => {
    const text = row.text.slice(0, MOST_IN_STATE);
    const hostileName = `planted-${row.text.slice(0, MOST_IN_KEY)}`;
    const { dynamodb } = clients;
    await plant(dynamodb, 'planted', {
      definition: { tokenUrl: row.text.slice(0, 1_000), credentials: text, grants: [text], scope: text },
      lastOutcome: 'needs-reauthorization',
      lastErrorCode: text,
      lastErrorMessage: text,
      lastErrorSource: 'provider',
      lastErrorAt: deployment.clock.now(),
    });
    await plant(dynamodb, hostileName, { lastOutcome: text.slice(0, MOST_IN_KEY) });
    try {
      const shown = await look(['status'], ['status', 'planted'], ['doctor']);
      const [status, , detail, , doctor] = shown;
      if (!row.refusal?.includes('host "')) expect(detail).toContain(seen(row));
      expect(status).toContain('planted');
      expect(doctor).toContain('planted-');
      expect(detail).toMatch(/^provider +[\x20-\x7e]+$/m);
      // What was planted stays on its line: none of those that it brings stands by itself.
      for (const line of shown.join('\n').split('\n')) expect(line).not.toMatch(/^secure-crm|^crm: healthy/);

      const { log, events: sent } = await told(async () => {
        await refreshDueHandler(() => functions)({}, context);
      });
      expectInert(log, 'the log');
      for (const line of log.trim().split('\n')) JSON.parse(line);
      for (const event of sent) {
        expectInert(event, 'an event');
        JSON.parse(event, (_, value) => {
          if (typeof value === 'string') expectInert(value, 'an event, once it is read');
          return value;
        });
      }
      expect(log).toContain('planted-');
      expect(sent.join('\n')).toContain('planted-');
    } finally {
      await uproot(dynamodb, 'planted');
      await uproot(dynamodb, hostileName);
    }
  });

  it.each(HOSTILE_TEXTS)('$what: in an answer of the provider, is said and does nothing', async (row) => {
    const { rotating } = deployment.system.providers;
    // Of more than 1 MiB nothing is read.
    const text = row.text.slice(0, 200_000);
    const body = JSON.stringify({ error: text, error_description: `it said: ${text}` });
    deployment.clock.advance(HOUR);
    rotating.tokenEndpoint.failNext({ kind: 'answer', status: 400, body });
    const { log, events: sent } = await told(() =>
      refreshNowHandler(() => functions)({ connections: ['rotating-demo'], force: true }, context),
    );
    expect(rotating.tokenEndpoint.rejections).toEqual([]);
    expect(log).toContain('refresh failed');
    expectInert(log, 'the log');
    expect(sent.join('\n')).toContain('Refresh Failed');
    expectInert(sent.join('\n'), 'an event');
    expect((await deployment.state('rotating-demo'))?.lastErrorMessage).toMatch(SAID);
    const shown = await look(['status', 'rotating-demo']);
    expect(shown.join('\n')).toMatch(SAID);
  });

  it.each(HOSTILE_TEXTS)('$what: in a declaration, is named and does nothing', async (row) => {
    const Value = JSON.stringify(row.declaration);
    const Name = '/evertoken/connections/declared';
    const put = new PutParameterCommand({ Name, Value, Type: 'String', Tier: 'Advanced', Overwrite: true });
    if (Value.length > 8_192) {
      // Parameter Store does not take it: the parser alone has met it.
      await expect(clients.ssm.send(put)).rejects.toThrow();
      return;
    }
    await clients.ssm.send(put);
    await deployment.system.endpoint.idle();
    try {
      const { stderr, ...refreshed } = await deployment.run(['refresh', 'declared']);
      expectInert(refreshed.stdout + stderr, 'evertoken refresh');
      const [stdout = ''] = await look(['doctor']);
      if (row.refusal === undefined) expect(stdout).not.toContain('cannot be used');
      else expect(stdout).toContain(`cannot be used: connection "declared": ${row.refusal}`);
    } finally {
      await clients.ssm.send(new DeleteParameterCommand({ Name }));
      const { state, clock } = functions.ports;
      await state.unregister('declared', clock.now(), { confirmed: true });
    }
  });
});

it('what AWS says is inert as well', async () => {
  const said = 'no\u001b[2J\u202e\r\nConnection healthy';
  deployment.system.endpoint.inject = () => ({ before: new AwsError('AccessDeniedException', said) });
  try {
    for (const args of [['status'], ['doctor'], ['status', '--json'], ['refresh', 'kajabi-demo']]) {
      const { stdout, stderr } = await deployment.run(args);
      expectInert(stdout + stderr, args.join(' '));
      // As JSON has it, a backslash is two.
      const shown = `${stdout}${stderr}`.replaceAll('\\\\', '\\');
      expect(shown).toContain('no\\u001b[2J\\u202e\\u000d\\u000aConnection healthy');
    }
  } finally {
    deployment.system.endpoint.inject = undefined;
  }
});

it('what a person types wrong is inert as well', async () => {
  for (const args of [
    ['status', 'x\u001b[2J'],
    ['status\u202e'],
    ['status', '--\u001b[31m'],
    ['providers', 'kajab\u009bi'],
  ]) {
    const { stdout, stderr } = await deployment.run(args);
    expectInert(stdout + stderr, JSON.stringify(args));
    expect(stderr).not.toBe('');
  }
});
