import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { functionName } from '../../functions/aws/resource-names.ts';
import type { NeedReport } from '../../functions/refresh/connection-state.ts';
import { loadPage } from '../../functions/status-page/load-page.ts';
import { readPageQuery } from '../../functions/status-page/query.ts';
import { webPage } from '../../functions/status-page/web-page.ts';
import { runCommand } from '../cli/support/run-command.ts';
import { TestAws } from '../support/aws.ts';
import { ComposedRefresher } from '../support/composed-refresher.ts';
import { LeapingClock } from '../support/leaping-clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const clock = new LeapingClock();
let aws: TestAws;
let refresher: ComposedRefresher;
/** The needs that events told of, in order, and when. */
let told: { readonly at: number; readonly need: NeedReport }[];
let unsubscribe: () => void;

beforeAll(async () => {
  aws = await TestAws.startDirect(clock);
});
afterAll(() => aws[Symbol.asyncDispose]());

beforeEach(async () => {
  refresher = await ComposedRefresher.start(aws, clock);
  aws.endpoint.functions.set(functionName(refresher.namespace, 'refresh-now'), async () => ({}));
  told = [];
  unsubscribe = aws.endpoint.onEvent(({ 'detail-type': type, detail }) => {
    if (detail['namespace'] !== refresher.namespace || type !== 'Connection Needs Attention') return;
    told.push({ at: clock.now(), need: detail['need'] as NeedReport });
  });
});

afterEach(async () => {
  unsubscribe();
  await refresher[Symbol.asyncDispose]();
});

const run = (...args: string[]) =>
  runCommand([...args, '--namespace', refresher.namespace], {
    endpointUrl: aws.endpoint.url,
    clock,
    env: { EVERTOKEN_ALLOWED_TOKEN_ORIGINS: new URL(refresher.endpoint.url).origin },
  });

/** What `status` says, and what `doctor` says of the same connection. */
async function look() {
  const status = await run('status', '--json');
  const doctor = await run('doctor', '--json');
  const [connection] = JSON.parse(status.stdout);
  const { findings } = JSON.parse(doctor.stdout) as {
    findings: { subject: string; level: string; message: string; remedy: string | null }[];
  };
  return {
    ticks: findings.find(({ subject }) => subject === 'ticks'),
    need: connection.need as NeedReport | null,
    health: connection.health as string,
    exitCode: status.exitCode,
    doctor: findings.filter(({ subject }) => subject === 'crm'),
    text: (await run('status')).stdout,
    page: await pageText(),
  };
}

/** What the status page says of it, in one line. */
async function pageText(): Promise<string> {
  const query = readPageQuery({ connection: 'crm' });
  const page = String(webPage(await loadPage(query, refresher.ports), query));
  const entities: Readonly<Record<string, string>> = { quot: '"', '#39': "'", amp: '&', lt: '<', gt: '>' };
  return page.replace(/<[^>]*>/g, '').replace(/&([^;]+);/g, (_, name: string) => entities[name] ?? '');
}

/** All of them say the same. */
async function expectNeed(code: string): Promise<NeedReport> {
  const { need, health, exitCode, doctor, text, page } = await look();
  expect(need?.code).toBe(code);
  expect(exitCode).toBe(3);
  expect(health).toBe('failing');
  expect(doctor).toEqual([{ subject: 'crm', level: 'error', message: need?.message, remedy: need?.remedy }]);
  expect(text).toContain(need?.message);
  expect(text).toContain(`To do: ${need?.remedy}`);
  expect(text).toContain('1 connection: 1 failing; 1 needs a human.');
  expect(page).toContain('failing needs a person');
  expect(page).toContain(need?.message);
  expect(page).toContain(`To do: ${need?.remedy}`);
  const { since: _, ...words } = told.at(-1)?.need ?? {};
  expect(words).toEqual({ code, message: need?.message, remedy: need?.remedy });
  return need as NeedReport;
}

/** Nobody is needed for the connection, and all of them say so; where no tick comes somebody is for that. */
async function expectNobody(): Promise<void> {
  const { need, exitCode, doctor, text, page } = await look();
  expect(page).toContain('0 need a person');
  expect([need, exitCode]).toEqual([null, text.includes('No tick has come to its end') ? 3 : 0]);
  expect(doctor.filter(({ level }) => level === 'error')).toEqual([]);
  expect(told).toEqual([]);
}

/** Ticks every minute from when the connection is due until somebody is called. @returns when it first failed */
async function tickUntilCalled(): Promise<number> {
  await refresher.untilDue();
  await refresher.tick();
  const { failingSince = 0, expiresAt = 0 } = await refresher.state();
  const withoutSince = Math.max(failingSince, expiresAt);
  await expectNobody();
  while (told.length === 0 && clock.now() < withoutSince + DAY) {
    clock.advance(MINUTE);
    await refresher.tick();
  }
  // Ten minutes, and the tick that comes next.
  expect(told[0]?.at).toBeGreaterThanOrEqual(withoutSince + 10 * MINUTE);
  expect(told[0]?.at).toBeLessThanOrEqual(withoutSince + 11 * MINUTE);
  return withoutSince;
}

/** Runs something every hour of the first day, and every four hours of those that follow. */
async function forDays(days: number, run: () => Promise<void>): Promise<void> {
  for (const from = clock.now(); clock.now() < from + days * DAY; ) {
    clock.advance(clock.now() < from + DAY ? HOUR : 4 * HOUR);
    await run();
  }
}

describe('a person is needed', () => {
  it('where the schedule has been off for three days: said at once, told within the hour', async () => {
    const { expiresAt = 0 } = await refresher.state();
    clock.advance(expiresAt + 10 * MINUTE - 1 - clock.now());
    await expectNobody();
    clock.advance(1);
    expect(await look()).toMatchObject({ exitCode: 3, health: 'failing', need: { code: 'not_tried' } });
    await forDays(3, () => refresher.reconcile());
    expect((told[0]?.at ?? 0) - expiresAt).toBeLessThanOrEqual(HOUR + 10 * MINUTE);
    // Once, after an hour, and daily.
    expect(told).toHaveLength(4);
    const need = await expectNeed('not_tried');
    expect(need.remedy).toMatch(/schedule.*refresh-due/);
    expect(Date.parse(need.since)).toBe(expiresAt + 10 * MINUTE);

    await refresher.tick();
    expect(refresher.told.at(-1)).toBe('Connection Recovered');
    expect(await look()).toMatchObject({ exitCode: 0, need: null, health: 'healthy' });
  });

  it('where the host name has had a typing error for a week', async () => {
    refresher.restart({
      lookup: async () => {
        throw new Error('ENOTFOUND');
      },
    });
    await refresher.redeclare({ tokenUrl: 'https://idp.exmaple.com/token' });
    await tickUntilCalled();
    const need = await expectNeed('name_lookup_failed');
    expect(need.message).toContain('idp.exmaple.com');
    expect(need.remedy).toMatch(/typing error/);
    await forDays(7, () => refresher.tick());
    expect(await expectNeed('name_lookup_failed')).toEqual(need);
    expect(told).toHaveLength(9);
  }, 60_000);

  it('where the token URL answers with a web page', async () => {
    refresher.endpoint.break('HTML with 200');
    await tickUntilCalled();
    const need = await expectNeed('html_answer');
    expect(need.message).toContain('is an HTML page');
    // What may have been spent is waited for.
    expect(need.remedy).toMatch(/web page.*the same refresh token is sent again at 2026-/i);
  });

  it('where the token URL answers with a web page, and nothing is spent by asking', async () => {
    await refresher.redeclare({ grants: ['client_credentials'] });
    refresher.endpoint.break('HTML with 200');
    await tickUntilCalled();
    const need = await expectNeed('html_answer');
    expect(need.remedy).toMatch(/web page/);
  });

  it('where the version quota is used up: told without another exchange, with the instant of its end', async () => {
    const item = unmarshall(await refresher.item());
    const hour = Math.floor((clock.now() + HOUR) / HOUR);
    await refresher.restore(marshall({ ...item, writesByHour: { [hour]: 90 } }));
    const exchanges = () => refresher.endpoint.requests.filter(({ grantType }) => grantType !== null);
    const sent = exchanges().length;
    await tickUntilCalled();
    const { dueAt } = await refresher.state();
    const need = await expectNeed('version_quota');
    expect(need.remedy).toContain(`another version at ${new Date(dueAt).toISOString().slice(0, 19)}Z`);
    expect(dueAt - clock.now()).toBeGreaterThan(20 * HOUR);
    expect(exchanges()).toHaveLength(sent);
  });

  it('where a token never came, though it was tried', async () => {
    await refresher.restore();
    refresher.endpoint.break('429');
    await refresher.reconcile();
    await tickUntilCalled();
    expect(await expectNeed('http_429')).toMatchObject({ remedy: expect.stringContaining('what else asks') });
  });

  it('where a token never came, and nothing tried', async () => {
    await refresher.restore();
    await refresher.reconcile();
    clock.advance(10 * MINUTE - 1);
    await expectNobody();
    clock.advance(1);
    await refresher.reconcile();
    await expectNeed('never_came');
  });
});

describe('doctor', () => {
  it('says when the last tick ended, and what to do when none comes', async () => {
    await refresher.tick();
    const at = `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;
    expect((await look()).ticks).toMatchObject({ level: 'ok', message: `the last one ended at ${at}` });
    clock.advance(5 * MINUTE);
    expect((await look()).ticks).toMatchObject({
      level: 'error',
      message: expect.stringContaining('No tick has come to its end since'),
      remedy: expect.stringMatching(/schedule.*refresh-due/),
    });
  });

  it('says of a misconfigured connection what status says', async () => {
    refresher.endpoint.break('401');
    await refresher.untilDue();
    await refresher.tick();
    const { need, exitCode, doctor, health } = await look();
    expect([health, exitCode]).toEqual(['misconfigured', 3]);
    expect(doctor).toEqual([
      { subject: 'crm', level: 'error', message: need?.message, remedy: need?.remedy },
    ]);
    expect(told.at(-1)?.need).toEqual(need);
  });

  it('warns of what is tried again, and says until when nothing is to be done', async () => {
    refresher.endpoint.break('503');
    await refresher.untilDue();
    await refresher.tick();
    const { exitCode, doctor } = await look();
    expect(exitCode).toBe(0);
    expect(doctor).toMatchObject([
      { level: 'warning', remedy: expect.stringMatching(/^Nothing until 2026-.*next at 2026-/) },
    ]);
  });

  it('says of a paused connection that it is', async () => {
    expect((await run('pause', 'crm')).exitCode).toBe(0);
    clock.advance(DAY);
    await refresher.tick();
    const { exitCode, doctor } = await look();
    expect(exitCode).toBe(0);
    expect(doctor).toMatchObject([{ level: 'warning', remedy: 'evertoken resume crm' }]);
  });
});

describe('a state item that somebody has edited', () => {
  it('is shown as in need, with words, and heals as they say', async () => {
    const item = unmarshall(await refresher.item());
    await refresher.restore(marshall({ ...item, expiresAt: 'tomorrow', lastOutcome: 7 }));
    const { need, exitCode, health, doctor } = await look();
    expect([health, exitCode, need?.code]).toEqual(['misconfigured', 3, 'unreadable_state']);
    expect(need?.message).toMatch(/expiresAt, lastOutcome$/);
    expect(doctor).toMatchObject([{ level: 'error', message: need?.message }]);
    clock.advance(HOUR);
    await refresher.tick();
    expect(await look()).toMatchObject({ need: null, exitCode: 0, health: 'healthy' });
  });

  it('spends no refresh token where its attempts cannot be told', async () => {
    const item = unmarshall(await refresher.item());
    await refresher.restore(marshall({ ...item, attemptAt: 'then', attempt: 'open' }));
    const sent = refresher.endpoint.requests.length;
    await refresher.untilDue();
    expect(await refresher.refresh()).toMatchObject({
      outcome: 'misconfigured',
      error: { code: 'unreadable_state', message: expect.stringContaining('attemptAt') },
    });
    expect(refresher.endpoint.requests).toHaveLength(sent);
    await refresher.restore(marshall(item));
    expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed' });
  });
});
