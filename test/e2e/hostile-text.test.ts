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
/** Parameter Store's limit, of bytes. */
const MOST_IN_PARAMETER = 8_192;
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

/** So many times all is looked at, each time with some of the texts beside each other: the longest are neighbours. */
const LOOKS = 6;
const numbered = HOSTILE_TEXTS.map((row, number) => ({ ...row, number }));
const batches = Array.from({ length: LOOKS }, (_, look) => ({
  rows: numbered.filter(({ number }) => number % LOOKS === look),
}));

describe.each(batches)('a hostile text', ({ rows }) => {
  describe('in a state item', () => {
    const details = new Map<number, string>();
    let status = '';
    let doctor = '';
    let shown = '';
    let log = '';
    let sent = '';

    beforeAll(async () => {
      const { dynamodb } = clients;
      const hostileName = ({ number, text }: (typeof rows)[number]) =>
        `planted-${number}-${text.slice(0, MOST_IN_KEY)}`;
      for (const row of rows) {
        const text = row.text.slice(0, MOST_IN_STATE);
        await plant(dynamodb, `planted-${row.number}`, {
          definition: { tokenUrl: row.text.slice(0, 1_000), credentials: text, grants: [text], scope: text },
          lastOutcome: 'needs-reauthorization',
          lastErrorCode: text,
          lastErrorMessage: text,
          lastErrorSource: 'provider',
          lastErrorAt: deployment.clock.now(),
        });
        await plant(dynamodb, hostileName(row), { lastOutcome: text.slice(0, MOST_IN_KEY) });
      }
      try {
        const lists = await look(['status'], ['doctor']);
        [status = '', , doctor = ''] = lists;
        const all = [...lists];
        for (const { number } of rows) {
          const detail = await look(['status', `planted-${number}`]);
          details.set(number, detail[0] ?? '');
          all.push(...detail);
        }
        shown = all.join('\n');
        const heard = await told(() => refreshDueHandler(() => functions)({}, context));
        log = heard.log;
        sent = heard.events.join('\n');
      } finally {
        for (const row of rows) {
          await uproot(dynamodb, `planted-${row.number}`);
          await uproot(dynamodb, hostileName(row));
        }
      }
    }, 60_000);

    it.each(rows)('$what: is shown', (row) => {
      const detail = details.get(row.number);
      if (!row.refusal?.includes('host "')) expect(detail).toContain(seen(row));
      expect(detail).toMatch(/^provider +[\x20-\x7e]+$/m);
      expect(status).toMatch(new RegExp(`planted-${row.number}(?![\\d-])`));
      for (const text of [doctor, log, sent]) expect(text).toContain(`planted-${row.number}-`);
    });

    it('does nothing', () => {
      // What was planted stays on its line: none of those that it brings stands by itself.
      expect(shown).not.toMatch(/^secure-crm|^crm: healthy/m);
      expectInert(log, 'the log');
      for (const line of log.trim().split('\n')) JSON.parse(line);
      for (const event of sent.split('\n')) {
        expectInert(event, 'an event');
        JSON.parse(event, (_, value) => {
          if (typeof value === 'string') expectInert(value, 'an event, once it is read');
          return value;
        });
      }
    });
  });

  it.each(rows)('$what: in an answer of the provider, is said and does nothing', async (row) => {
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

  describe('in a declaration', () => {
    const declared = rows.filter(
      ({ declaration }) => JSON.stringify(declaration).length <= MOST_IN_PARAMETER,
    );
    const refused = declared.filter(({ refusal }) => refusal !== undefined);
    const parameter = (number: number) => `/evertoken/connections/declared-${number}`;
    let doctor = '';

    const put = ({ number, declaration }: (typeof rows)[number]) =>
      clients.ssm.send(
        new PutParameterCommand({
          Name: parameter(number),
          Value: JSON.stringify(declaration),
          Type: 'String',
          Tier: 'Advanced',
          Overwrite: true,
        }),
      );

    beforeAll(async () => {
      for (const row of declared) await put(row);
      await deployment.system.endpoint.idle();
      [doctor = ''] = await look(['doctor']);
    }, 60_000);

    afterAll(async () => {
      const { state, clock } = functions.ports;
      for (const { number } of declared) {
        await clients.ssm.send(new DeleteParameterCommand({ Name: parameter(number) }));
        await state.unregister(`declared-${number}`, clock.now(), { confirmed: true });
      }
    });

    it.each(rows)('$what: is named and does nothing', async (row) => {
      if (!declared.includes(row)) {
        // Parameter Store does not take it: the parser alone has met it.
        await expect(put(row)).rejects.toThrow();
        return;
      }
      const name = `declared-${row.number}`;
      const { stdout, stderr } = await deployment.run(['refresh', name]);
      expectInert(stdout + stderr, 'evertoken refresh');
      if (row.refusal === undefined) expect(doctor).not.toContain(`cannot be used: connection "${name}"`);
      else expect(doctor).toContain(`cannot be used: connection "${name}": ${row.refusal}`);
    });

    it('no other is refused', () => {
      expect(doctor.match(/cannot be used/g) ?? []).toHaveLength(refused.length);
    });
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
