import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliDeployment, startCliDeployment } from '../support/cli-deployment.ts';

const HOUR = 3_600_000;
let deployment: CliDeployment;

beforeAll(async () => {
  deployment = await startCliDeployment();
});

afterAll(() => deployment[Symbol.asyncDispose]());

const generation = async (name: string) => (await deployment.state(name))?.generation;

describe('evertoken pause and resume', () => {
  it('leaves a connection alone until it is resumed, and warns of its refresh token', async () => {
    const before = await generation('kajabi-demo');
    expect(await deployment.run(['pause', 'kajabi-demo', 'slashid-demo'])).toEqual({
      exitCode: 0,
      stderr: '',
      stdout:
        'Paused "kajabi-demo". Its refresh token ends in 39 h: resume it before.\nPaused "slashid-demo".\n',
    });
    deployment.clock.advance(2 * HOUR);
    await deployment.tick();
    expect(await generation('kajabi-demo')).toBe(before);
    const { stdout, exitCode } = await deployment.run(['status']);
    expect(stdout).toMatch(/^kajabi-demo {4}paused {3}expired {5}- {13}refreshed$/m);
    expect(exitCode).toBe(0);
    expect(await deployment.run(['resume', 'kajabi-demo', 'slashid-demo'])).toMatchObject({
      exitCode: 0,
      stdout: 'Resumed "kajabi-demo".\nResumed "slashid-demo".\n',
    });
    await deployment.tick();
    expect(await generation('kajabi-demo')).toBe((before ?? 0) + 1);
  });

  it('takes a pattern, says how many match, and asks before more than one is changed', async () => {
    expect(await deployment.run(['pause', '*-demo'])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: '"*-demo" matches 3 connections.\nerror: There is no terminal to ask at: give --yes.\n',
    });
    const asked = await deployment.run(['pause', '*-demo'], { typed: [['Pause 3 connections?', 'n']] });
    expect(asked).toMatchObject({ exitCode: 1, stdout: '' });
    expect(asked.stderr).toContain('Nothing was changed.');
    expect((await deployment.state('kajabi-demo'))?.paused).not.toBe(true);
    // What one means it changes without a question.
    expect(await deployment.run(['pause', 'sla*'])).toMatchObject({ stdout: 'Paused "slashid-demo".\n' });
    expect((await deployment.run(['resume', '*-demo', '--yes'])).stdout).toBe(
      'Resumed "kajabi-demo".\nResumed "rotating-demo".\nResumed "slashid-demo".\n',
    );
  });

  it('says that a pattern matches none', async () => {
    expect(await deployment.run(['resume', 'x*'])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'error: "x*" matches no connection.\n',
    });
  });

  it('waits for a refresh in flight, and gives up on one that does not end', async () => {
    const { state } = deployment.system.functions.composition.ports;
    const now = deployment.clock.now();
    const lease = { owner: 'another', now, attempt: crypto.randomUUID(), force: true };
    await state.lease('slashid-demo', { ...lease, endsAt: now + 10 * HOUR });
    let slept = 0;
    const clock = {
      now: () => deployment.clock.now() + slept,
      sleep: async (ms: number) => {
        slept += ms;
      },
    };
    expect(await deployment.run(['pause', 'slashid-demo'], { clock })).toEqual({
      exitCode: 1,
      stdout: '',
      stderr:
        '"slashid-demo" is being refreshed at this moment; waiting for it to end.\nerror: "slashid-demo" is being refreshed all the time: try again in a minute.\n',
    });
    await state.commit('slashid-demo', 'another', { attempt: null, attemptAt: null });
    expect(await deployment.run(['pause', 'slashid-demo'], { clock })).toMatchObject({ exitCode: 0 });
    await deployment.run(['resume', 'slashid-demo']);
  });
});

describe('evertoken remove', () => {
  it('refuses what CDK declares', async () => {
    expect(await deployment.run(['remove', 'slashid-demo'])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr:
        'error: Connections declared by CDK are edited there: remove "slashid-demo" from connections.json and deploy.\n',
    });
    expect(await deployment.state('slashid-demo')).not.toHaveProperty('removedAt');
  });

  it('forgets what the command declared, and keeps its secrets', async () => {
    await deployment.declare('imported', {
      provider: 'kajabi',
      credentials: 'kajabi-demo',
      declaredBy: 'cli',
    });
    expect(await deployment.run(['remove', 'imported'])).toEqual({
      exitCode: 0,
      stderr: '',
      stdout:
        'Removed "imported". Its secrets stay: evertoken/tokens/imported, evertoken/refresh-tokens/imported.\n',
    });
    expect(await deployment.declaration('imported')).toBeUndefined();
    expect(await deployment.state('imported')).toHaveProperty('removedAt');
    expect((await deployment.run(['status', 'imported'])).exitCode).toBe(1);
  });
});
