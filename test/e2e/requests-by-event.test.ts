import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalAwsClients } from '../../local/endpoint-clients.ts';
import { type CliDeployment, startCliDeployment } from '../cli/support/cli-deployment.ts';

const MINUTE = 60_000;
const OTHER_ACCOUNT = '999988887777';

let deployment: CliDeployment;

// Here no rule keeps events away from the function: what is refused, it refuses itself.
beforeAll(async () => {
  deployment = await startCliDeployment({ speed: 0 });
});

afterAll(() => deployment[Symbol.asyncDispose]());

const detailOf = (changes: object = {}) => ({
  namespace: 'evertoken',
  connections: ['kajabi-demo'],
  force: true,
  ...changes,
});

/** At most ten, in one call. */
async function ask(...details: readonly object[]): Promise<void> {
  const { eventBridge } = createLocalAwsClients(deployment.system.endpoint.url);
  const Entries = details.map((detail) => ({
    Source: 'a.service.of.yours',
    DetailType: 'Refresh Requested',
    Detail: JSON.stringify(detail),
  }));
  await eventBridge.send(new PutEventsCommand({ Entries }));
  eventBridge.destroy();
  await deployment.system.endpoint.idle();
}

async function askFrom(
  account: string,
  detail: Record<string, unknown>,
  source = 'their.service',
): Promise<void> {
  const { endpoint } = deployment.system;
  endpoint.forwardEvent(account, { source, 'detail-type': 'Refresh Requested', resources: [], detail });
  await endpoint.idle();
}

const refreshes = async () => (await deployment.state('kajabi-demo'))?.generation ?? 0;

describe('a request by event', () => {
  it('of this account is honoured, and leaves nothing to tell of', async () => {
    deployment.clock.advance(2 * MINUTE);
    const before = await refreshes();
    await ask(detailOf());
    expect(await refreshes()).toBe(before + 1);
    expect((await deployment.run(['status'])).stdout).not.toContain('request');
  });

  it('of another account is refused by the function itself, and status and doctor say so', async () => {
    deployment.clock.advance(2 * MINUTE);
    const before = await refreshes();
    await askFrom(OTHER_ACCOUNT, detailOf());
    expect(await refreshes()).toBe(before);
    deployment.clock.advance(3 * MINUTE);
    await deployment.tick();
    const { stdout, exitCode } = await deployment.run(['status']);
    expect(stdout).toContain(
      '\n\nThe last request by event was refused 3 min ago: it came from another account ' +
        '(account 999988887777, source "their.service").\n  To do: Requests of this account alone',
    );
    expect(exitCode).toBe(0);
    const doctor = await deployment.run(['doctor']);
    expect(doctor.stdout).toMatch(/warning +requests: The last request by event was refused .*\n +To do: /);
  });

  it.each([
    ['that names too many', { connections: Array(101).fill('kajabi-demo') }, 'more than 100 connections'],
    ['that is none', { connections: 'kajabi-demo' }, 'its detail is none of a request'],
    ['for what nobody registered', { connections: ['nobody'] }, 'a connection that is not registered'],
  ])('%s is refused, once: it is not tried again', async (_, changes, why) => {
    deployment.clock.advance(2 * MINUTE);
    const before = await refreshes();
    await ask(detailOf(changes));
    expect(await refreshes()).toBe(before);
    expect((await deployment.run(['status'])).stdout).toContain(`was refused 0 s ago: `);
    expect((await deployment.run(['status'])).stdout).toContain(why);
  });

  it('cannot write into a terminal with its source', async () => {
    deployment.clock.advance(2 * MINUTE);
    await askFrom(OTHER_ACCOUNT, detailOf(), '\u001b[2J\u202egolb\r\n');
    const { stdout } = await deployment.run(['status']);
    expect(stdout).toContain('(account 999988887777, source "??2J?golb??")');
  });

  it('stops to be told of after a day', async () => {
    deployment.clock.advance(24 * 60 * MINUTE + 1);
    expect((await deployment.run(['status'])).stdout).not.toContain('request by event');
    expect((await deployment.run(['doctor'])).stdout).not.toContain('request by event');
  });

  it('brings one refresh in a minute and looks for no name, however many ask for however many', async () => {
    deployment.clock.advance(2 * MINUTE);
    const before = await refreshes();
    const { endpoint, functions } = deployment.system;
    endpoint.calls.reset();
    const nobody = Array.from({ length: 19 }, (_, index) => `nobody-${index}`);
    const flood = Array(10).fill(detailOf({ connections: ['kajabi-demo', ...nobody] }));
    await ask(...flood);
    await ask(...flood);
    expect(await refreshes()).toBe(before + 1);
    expect(endpoint.calls.all.map(({ operation }) => operation)).not.toContain('GetParameter');
    expect((await deployment.run(['status'])).stdout).toContain(
      'events named more than 200 connections within a minute',
    );
    expect(await functions.composition.ports.state.get('nobody-1')).toBeUndefined();
  });
});
