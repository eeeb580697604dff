import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstInvisible } from '../../functions/text/inert.ts';
import { createLocalAwsClients } from '../../local/endpoint-clients.ts';
import { type CliDeployment, startCliDeployment } from '../cli/support/cli-deployment.ts';
import type { CommandResult } from '../cli/support/run-command.ts';
import { canarySecret } from '../support/canary.ts';
import { HOSTILE_TEXTS } from '../support/hostile-texts.ts';

const MINUTE = 60_000;
const NAME = 'slashid-demo';
/** So many times the history is looked at with hostile texts in it. */
const LOOKS = 6;
let deployment: CliDeployment;

beforeAll(async () => {
  deployment = await startCliDeployment({ speed: 0 });
});

afterAll(() => deployment[Symbol.asyncDispose]());

/** Ticks at the last of so many minutes, and at each before at which the connection is due. */
async function passes(minutes: number): Promise<void> {
  const endsAt = deployment.clock.now() + minutes * MINUTE;
  while (deployment.clock.now() < endsAt) {
    const { dueAt = 0 } = (await deployment.state(NAME)) ?? {};
    const idle = Math.ceil((Math.min(dueAt, endsAt) - deployment.clock.now()) / MINUTE);
    deployment.clock.advance(Math.max(1, idle) * MINUTE);
    await deployment.tick();
  }
}

const instant = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

describe('evertoken history', () => {
  it('tells an outage without the logs: when it began, what was said, how often it was tried, when it ended', async () => {
    const { tokenEndpoint } = deployment.system.providers.slashid;
    const body = JSON.stringify({ error: 'down', error_description: 'Maintenance until six.' });
    tokenEndpoint.failNext({ kind: 'answer', status: 503, body }, 1_000);
    const before = tokenEndpoint.tokenRequests;
    await passes(45);
    const tried = tokenEndpoint.tokenRequests - before;
    tokenEndpoint.clearFaults();
    const endedAt = deployment.clock.now();
    await passes(16);
    const { stdout, exitCode } = await deployment.run(['history', NAME, '--json']);
    expect(exitCode).toBe(0);
    const { connection, outcomes } = JSON.parse(stdout);
    expect(connection).toBe(NAME);
    const [again, outage, first] = outcomes;
    expect(first).toMatchObject({ outcome: 'refreshed', times: 1 });
    expect(outage).toMatchObject({ outcome: 'retry-later', status: 503, times: tried, trigger: 'schedule' });
    expect(again).toMatchObject({ outcome: 'refreshed', grant: 'client_credentials', code: null });
    expect(Date.parse(again.at)).toBeGreaterThan(endedAt);

    const text = (await deployment.run(['history', NAME])).stdout;
    const since = `${tried} times since ${instant(Date.parse(outage.since))}`;
    expect(text).toContain(since);
    expect(text).toMatch(/503/);
    const order = [
      instant(Date.parse(again.at)),
      instant(Date.parse(outage.at)),
      since,
      instant(Date.parse(first.at)),
    ];
    const places = order.map((each) => text.indexOf(each));
    expect(places).toEqual([...places].sort((one, other) => one - other));
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(200);
  }, 60_000);

  it('leaves out what ended before --since', async () => {
    const all = JSON.parse((await deployment.run(['history', NAME, '--json'])).stdout).outcomes;
    const since = new Date(all[0].at).toISOString();
    const { stdout } = await deployment.run(['history', NAME, '--since', since, '--json']);
    expect(JSON.parse(stdout).outcomes).toEqual([all[0]]);
    deployment.clock.advance(2 * MINUTE);
    const { stdout: none } = await deployment.run(['history', NAME, '--since', '1m']);
    expect(none).toMatch(/^Nothing was tried for "slashid-demo" since \d{4}-/);
  });

  // Some beside each other: one look shows what each of them does.
  describe.each(
    Array.from({ length: LOOKS }, (_, look) => ({
      rows: HOSTILE_TEXTS.filter((_row, index) => index % LOOKS === look).map((row, place) => ({
        ...row,
        place,
      })),
    })),
  )('shows, and does not obey', ({ rows }) => {
    let text: CommandResult;
    let json: CommandResult;
    let outcomes: readonly { readonly at: string }[];
    let at: number;

    beforeAll(async () => {
      const { endpoint, functions } = deployment.system;
      const { dynamodb } = createLocalAwsClients(endpoint.url);
      const TableName = functions.composition.config.stateTable;
      at = deployment.clock.now();
      for (const { text, place } of rows) {
        const said = text.slice(0, 10_000);
        const planted = { trigger: said, grant: said, outcome: said, code: said, message: said };
        const pk = `history#${NAME}#${49 - place}`;
        const item = {
          pk,
          schema: 1,
          at: at - place * 1000,
          since: at - place * 1000 - 1,
          times: 2,
          ...planted,
        };
        await dynamodb.send(new PutItemCommand({ TableName, Item: marshall(item) }));
      }
      dynamodb.destroy();
      text = await deployment.run(['history', NAME]);
      json = await deployment.run(['history', NAME, '--json']);
      outcomes = JSON.parse(json.stdout).outcomes;
    });

    it.each(rows)('what $what: it is there', ({ place }) => {
      const shown = outcomes.find((outcome) => outcome.at === new Date(at - place * 1000).toISOString());
      expect(shown).toMatchObject({ times: 2 });
      expect(text.stdout).toContain(instant(at - place * 1000));
    });

    it('none of it acts', () => {
      for (const { stdout, stderr } of [text, json]) {
        expect(stderr).toBe('');
        expect(firstInvisible(stdout, ['\n'])).toBeUndefined();
        expect(stdout).not.toMatch(/^secure-crm|^crm: healthy/m);
      }
    });
  });

  it('has nothing in it that is secret, whatever a provider says', async () => {
    const { slashid } = deployment.system.providers;
    const { tokenEndpoint } = slashid;
    const client_secret = canarySecret('client-secret');
    slashid.setClientSecret(client_secret);
    await deployment.write(`evertoken/credentials/${NAME}`, {
      client_id: 'demo-slashid-client',
      client_secret,
    });
    const body = JSON.stringify({ error: 'invalid_scope', error_description: `You sent ${client_secret}.` });
    tokenEndpoint.failNext({ kind: 'answer', status: 400, body }, 1);
    deployment.clock.advance(10 * MINUTE);
    await deployment.refreshNow([NAME]);
    // The run fails by itself where the mark of a secret is printed.
    const { stdout } = await deployment.run(['history', NAME, '--json']);
    const [outcome] = JSON.parse(stdout).outcomes;
    expect(outcome).toMatchObject({ code: 'invalid_scope', trigger: 'request' });
    expect(outcome.message).toContain('You sent [redacted].');
  });

  it('knows no connection that is not there, and what --since takes', async () => {
    const unknown = await deployment.run(['history', 'slashid-dem']);
    expect(unknown.exitCode).toBe(1);
    expect(unknown.stderr).toContain('There is no connection "slashid-dem"');
    expect(unknown.stderr).toContain('did you mean "slashid-demo"?');
    const odd = await deployment.run(['history', NAME, '--since', 'yesterday']);
    expect(odd.exitCode).toBe(2);
    expect(odd.stderr).toContain('expected a length of time such as 90m, 24h or 7d');
  });
});
