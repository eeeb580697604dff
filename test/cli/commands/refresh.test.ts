import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canarySecret } from '../../support/canary.ts';
import { type CliDeployment, startCliDeployment } from '../support/cli-deployment.ts';

const MINUTE = 60_000;
let deployment: CliDeployment;

beforeAll(async () => {
  // The text has durations in it, which must not depend on how busy the machine is.
  deployment = await startCliDeployment({ speed: 0 });
});

afterAll(() => deployment[Symbol.asyncDispose]());

describe('evertoken refresh', () => {
  it('leaves alone what is not due', async () => {
    expect(await deployment.run(['refresh', '--all'])).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: `connection     outcome  expires in  next refresh
kajabi-demo    fresh    60 min      38 min
rotating-demo  fresh    60 min      11 min
slashid-demo   fresh    60 min      63 s

3 connections: 3 fresh.
`,
    });
  });

  it('obtains a new token when it is forced', async () => {
    deployment.clock.advance(2 * MINUTE);
    const before = (await deployment.state('slashid-demo'))?.generation;
    const { stdout, exitCode } = await deployment.run(['refresh', 'slashid-demo', '--force']);
    expect(stdout).toMatch(/^slashid-demo {2}refreshed {2}60 min {6}\d+ min$/m);
    expect(exitCode).toBe(0);
    expect((await deployment.state('slashid-demo'))?.generation).toBe((before ?? 0) + 1);
  });

  it('leaves paused connections out of --all', async () => {
    await deployment.run(['pause', 'kajabi-demo']);
    const { stdout } = await deployment.run(['refresh', '--all', '--json']);
    expect(JSON.parse(stdout).results.map(({ connection }: { connection: string }) => connection)).toEqual([
      'rotating-demo',
      'slashid-demo',
    ]);
    await deployment.run(['resume', 'kajabi-demo']);
  });

  it('fails for a connection that nobody declared', async () => {
    const { stdout, exitCode } = await deployment.run(['refresh', 'crm']);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`crm: unknown_connection
  no connection "crm" is declared in the namespace "evertoken"
  To do: Check the spelling, or declare the connection in connections.json and deploy.
`);
  });

  it('suggests the name that was meant', async () => {
    const { stdout } = await deployment.run(['refresh', 'kajabidemo']);
    expect(stdout).toContain(
      'declared in the namespace "evertoken"; did you mean "kajabi-demo"?\n  To do: Check the spelling',
    );
  });

  it('takes a pattern, leaves out what is paused, and asks before more than one is forced', async () => {
    await deployment.run(['pause', 'kajabi-demo']);
    const { stdout, stderr } = await deployment.run(['refresh', '*-demo']);
    expect(stderr).toBe('"*-demo" matches 2 connections.\n');
    expect(stdout).toContain('2 connections: 2 fresh.');
    const forced = await deployment.run(['refresh', '*-demo', '--force']);
    expect(forced).toMatchObject({ exitCode: 2, stdout: '' });
    expect(forced.stderr).toContain('give --yes');
    expect((await deployment.run(['refresh', 'sla*', '--force'])).exitCode).toBe(0);
    await deployment.run(['resume', 'kajabi-demo']);
  });

  it('exits with 3 when one needs a human, and says for what', async () => {
    const { system, clock } = deployment;
    system.providers.slashid.setClientSecret(canarySecret('changed'));
    for (let tries = 0; tries < 8; tries += 1) {
      clock.advance(15 * MINUTE);
      await deployment.tick();
    }
    const { stdout, exitCode } = await deployment.run(['refresh', 'slashid-demo', 'kajabi-demo', '--force']);
    expect(exitCode).toBe(3);
    expect(stdout).toContain('2 connections: 1 misconfigured, 1 refreshed.');
    expect(stdout).toContain('evertoken/credentials/slashid-demo');
  });

  it('shows progress for many, a bar on a terminal', async () => {
    const names = Array.from({ length: 45 }, (_, index) => `none-${index}`);
    const { stderr, exitCode } = await deployment.run(['refresh', ...names], { terminal: true });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('refreshing █████████████░░░░░░░░░░░░░░░░░ 20/45');
    expect(stderr.endsWith('45/45\r\u001b[K')).toBe(true);
  });

  it('says that the function failed, where it did', async () => {
    const { functions } = deployment.system.endpoint;
    functions.set('broken-refresh-now', () => {
      throw new RangeError('a detail that nobody need see');
    });
    expect(await deployment.run(['refresh', 'crm', '--namespace', 'broken'])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'error: The function broken-refresh-now failed (RangeError): look into its log.\n',
    });
  });
});
