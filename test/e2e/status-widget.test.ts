import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { neededFrom } from '../../functions/refresh/rules/need.ts';
import { pastOf } from '../functions/status-page/many-states.ts';
import { assertNoCanary } from '../support/canary.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';

const HOUR = 3_600_000;
const ENDPOINT = 'arn:aws:lambda:us-east-1:000000000000:function:evertoken-status';

let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment();
});
afterAll(() => deployment[Symbol.asyncDispose]());

/** What a dashboard gets, and shows. */
async function invoke(name: 'widget' | 'action', event: object): Promise<string> {
  const { payload, failed } = await deployment.system.endpoint.functions.run(
    `evertoken-status-${name}`,
    event,
  );
  const page: unknown = JSON.parse(payload);
  if (failed || typeof page !== 'string') throw new Error(`the function failed: ${payload}`);
  assertNoCanary(page, 'the widget');
  return page;
}
/** What it asks the table for, in the order of the alphabet. The demo's reader asks other services all the while. */
async function tableCalls(name: 'widget' | 'action', event: object, answer = /^<div/): Promise<string[]> {
  const { calls } = deployment.system.endpoint;
  const before = calls.all.length;
  expect(await invoke(name, event)).toMatch(answer);
  const since = calls.all.slice(before).filter(({ service }) => service === 'dynamodb');
  return since.map(({ operation }) => operation).sort();
}
const context = (theme: string) => ({ widgetContext: { theme, forms: { all: {} } } });
const stateOf = (name: string) => deployment.system.functions.composition.ports.state.get(name);

describe('the widget of the dashboard', () => {
  it('shows how each connection stands, in the theme of the dashboard, and holds no secret', async () => {
    const page = await invoke('widget', context('dark'));
    expect(page).toMatch(/^<div class="cwdb-no-default-styles"><\/div><style>\.evertoken\{--ground:#0f141a/);
    for (const name of ['kajabi-demo', 'slashid-demo', 'rotating-demo']) {
      expect(page).toContain(`<bdi>${name}</bdi>`);
      const detail = await invoke('widget', { query: { connection: name }, ...context('light') });
      expect(detail).toContain(`evertoken/tokens/${name}`);
      expect(detail).toContain('<td>schedule</td>');
    }
    expect(page).toContain(`endpoint="${ENDPOINT}-widget"`);
    expect(page).toContain(`endpoint="${ENDPOINT}-action"`);
  });

  it('does nothing for the function that shows alone, whatever it is sent', async () => {
    const page = await invoke('widget', { action: 'pause', connection: 'slashid-demo', query: {} });
    expect(page).not.toContain('is paused');
    expect((await stateOf('slashid-demo'))?.paused).toBeUndefined();
  });

  it('pauses, resumes and refreshes for the one that acts, and shows what came of it', async () => {
    const press = (action: string) =>
      invoke('action', {
        action,
        connection: 'slashid-demo',
        query: { health: 'paused' },
        ...context('light'),
      });
    const paused = await press('pause');
    expect(paused).toContain('slashid-demo is paused: it is left alone until it is resumed.');
    expect(paused).toContain('Resume: slashid-demo');
    expect(paused).not.toContain('Refresh now: kajabi-demo');
    expect((await stateOf('slashid-demo'))?.paused).toBe(true);
    expect(await press('refresh')).toContain('slashid-demo is paused.');
    expect(await press('resume')).toContain('slashid-demo is resumed');
    deployment.clock.advance(HOUR / 60);
    const { generation = 0 } = (await stateOf('slashid-demo')) ?? {};
    expect(await press('refresh')).toContain('slashid-demo has a new token.');
    expect(await stateOf('slashid-demo')).toMatchObject({ generation: generation + 1 });
  });

  it('says what failed, and what to do, of the refresh that was asked for and of the connection', async () => {
    await deployment.write('evertoken/credentials/rotating-demo', {
      client_id: 'demo-rotating-client',
      client_secret: 'wrong',
    });
    deployment.clock.advance(HOUR);
    const event = { action: 'refresh', connection: 'rotating-demo', query: {} };
    const page = await invoke('action', event);
    const notice = /<div class="notice failed".*?<\/div>/.exec(page)?.[0] ?? '';
    expect(notice).toMatch(/rotating-demo: misconfigured: .+To do: /);
    const state = await stateOf('rotating-demo');
    expect(state && neededFrom(state)).toBeLessThanOrEqual(deployment.clock.now());
    expect(page).toMatch(/<b>1<\/b> needs a person/);
  });

  it('says in Markdown what it is, and reads nothing for it', async () => {
    expect(await tableCalls('widget', { describe: true }, /^### Evertoken/)).toEqual([]);
    expect(await tableCalls('action', { describe: true }, /^### Evertoken/)).toEqual([]);
  });
});

describe('what a look at the dashboard costs', () => {
  it('is two calls of the table, however long the histories are, and a third for the history of one connection', async () => {
    const { history, state } = deployment.system.functions.composition.ports;
    for (const name of ['kajabi-demo', 'slashid-demo', 'rotating-demo']) {
      for (const [slot, past] of pastOf(deployment.clock.now()).entries()) history.add(name, slot, past);
    }
    await history.flush();
    expect(await state.history('kajabi-demo')).toHaveLength(50);
    expect(await tableCalls('widget', {})).toEqual(['GetItem', 'Scan']);
    expect(await tableCalls('widget', { query: { connection: 'kajabi-demo' } })).toEqual([
      'BatchGetItem',
      'GetItem',
      'Scan',
    ]);
  });
});
