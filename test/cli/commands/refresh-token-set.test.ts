import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canarySecret } from '../../support/canary.ts';
import { type CliDeployment, startCliDeployment } from '../support/cli-deployment.ts';

const HOUR = 3_600_000;
const STOP =
  'Stop the system that used this refresh token before: when two systems spend one token, the provider may revoke both.\n';
const SET = ['refresh-token', 'set', 'rotating-demo'];
let deployment: CliDeployment;

beforeEach(async () => {
  deployment = await startCliDeployment();
});

afterEach(() => deployment[Symbol.asyncDispose]());

async function needsReauthorization() {
  const { system, clock } = deployment;
  system.providers.rotating.killRefreshTokens();
  clock.advance(2 * HOUR);
  await deployment.tick();
  expect((await deployment.state('rotating-demo'))?.lastOutcome).toBe('needs-reauthorization');
}

describe('evertoken refresh-token set', () => {
  it('takes over a token; the next tick refreshes with it, and rotations follow', async () => {
    await needsReauthorization();
    const token = await deployment.system.providers.rotating.mintRefreshToken();
    expect(await deployment.run([...SET, '--stdin'], { stdin: `${token}\n` })).toEqual({
      exitCode: 0,
      stderr: STOP,
      stdout:
        'Stored the refresh token of "rotating-demo". The next tick refreshes it; at once: evertoken refresh rotating-demo\n',
    });
    for (let rotation = 0; rotation < 3; rotation += 1) {
      await deployment.tick();
      expect(await deployment.state('rotating-demo')).toMatchObject({
        lastOutcome: 'refreshed',
        failures: 0,
      });
      deployment.clock.advance(HOUR);
    }
    expect(deployment.system.providers.rotating.revokedFamilies).toEqual([]);
  });

  it('asks a person whether the other system is stopped, and hides the token', async () => {
    await needsReauthorization();
    const token = await deployment.system.providers.rotating.mintRefreshToken();
    const { exitCode } = await deployment.run(SET, {
      typed: [
        ['Has it been stopped?', 'y'],
        ['refresh_token', token],
      ],
    });
    expect(exitCode).toBe(0);
    await deployment.tick();
    expect((await deployment.state('rotating-demo'))?.lastOutcome).toBe('refreshed');
  });

  it('changes nothing when it is not', async () => {
    const before = await deployment.read('evertoken/refresh-tokens/rotating-demo');
    const { stderr, exitCode } = await deployment.run(SET, { typed: [['Has it been stopped?', 'n']] });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Nothing was changed.');
    expect(await deployment.read('evertoken/refresh-tokens/rotating-demo')).toEqual(before);
  });

  it('keeps the end that came with it', async () => {
    const refresh_token = canarySecret('with-end');
    const expires_at = Math.floor(deployment.clock.now() / 1000) + 86_400;
    // As the console's key/value editor has it.
    const stdin = JSON.stringify({ refresh_token: `${refresh_token}\n`, expires_at: String(expires_at) });
    expect(await deployment.run([...SET, '--stdin'], { stdin })).toMatchObject({ exitCode: 0 });
    expect(await deployment.read('evertoken/refresh-tokens/rotating-demo')).toMatchObject({
      refresh_token,
      expires_at,
    });
    expect((await deployment.state('rotating-demo'))?.refreshTokenExpiresAt).toBe(expires_at * 1000);
  });

  it('creates the secret where there is none yet', async () => {
    const { tokenUrl } = deployment.system.providers.rotating;
    await deployment.declare('new', { tokenUrl, credentials: 'rotating-demo', grants: ['refresh_token'] });
    const stdin = await deployment.system.providers.rotating.mintRefreshToken();
    const args = ['refresh-token', 'set', 'new', '--stdin'];
    expect(await deployment.run(args, { stdin })).toMatchObject({ exitCode: 0 });
    expect(await deployment.read('evertoken/refresh-tokens/new')).toMatchObject({ refresh_token: stdin });
  });

  it('waits while a refresh holds the connection', async () => {
    const { state } = deployment.system.functions.composition.ports;
    const now = deployment.clock.now();
    await state.lease('rotating-demo', {
      owner: 'another',
      now,
      endsAt: now + 700,
      attempt: crypto.randomUUID(),
      force: true,
    });
    const { stderr, exitCode } = await deployment.run([...SET, '--stdin'], { stdin: canarySecret('waits') });
    expect(exitCode).toBe(0);
    expect(stderr).toBe(`${STOP}"rotating-demo" is being refreshed at this moment; waiting for it to end.\n`);
  });

  it('refuses a connection that would never use it', async () => {
    const { stderr, exitCode } = await deployment.run(['refresh-token', 'set', 'slashid-demo', '--stdin'], {
      stdin: canarySecret('useless'),
    });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      '"slashid-demo" would never use a refresh token: its grants are client_credentials. Add "refresh_token" to them first.',
    );
  });

  it.each([
    ['two lines', `${canarySecret('a')}\n${canarySecret('b')}`, 'it holds spaces or line breaks'],
    ['JSON without it', '{"token": "x"}', 'expected the refresh token alone, or JSON such as'],
    [
      'broken JSON',
      `{"refresh_token": "${canarySecret('c')}`,
      'expected the refresh token alone, or JSON such as',
    ],
  ])('refuses %s, and repeats no value', async (_, stdin, message) => {
    const { stderr, exitCode } = await deployment.run([...SET, '--stdin'], { stdin });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });
});
