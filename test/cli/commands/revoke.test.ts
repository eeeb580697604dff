import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CliDeployment, startCliDeployment } from '../support/cli-deployment.ts';
import { NAME, type RevocationScenario, startRevocation } from '../support/revocation-endpoint.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
describe('evertoken revoke', () => {
  let deployment: CliDeployment;

  beforeEach(async () => {
    deployment = await startCliDeployment();
  });

  afterEach(() => deployment[Symbol.asyncDispose]());

  /** Whether the provider's API still takes the published token. */
  async function works(name: 'kajabi' | 'rotating'): Promise<boolean> {
    const { access_token } = await deployment.read(`evertoken/tokens/${name}-demo`);
    const { status } = await fetch(deployment.system.providers[name].protectedUrl, {
      headers: { authorization: `Bearer ${access_token}` },
    });
    return status === 200;
  }

  it('takes back both tokens by RFC 7009, and pauses', async () => {
    expect(await works('rotating')).toBe(true);
    expect(await deployment.run(['revoke', 'rotating-demo', '--yes'])).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: 'Revoked its refresh token and its access token, and paused "rotating-demo".\n',
    });
    expect(await works('rotating')).toBe(false);
    const state = await deployment.state('rotating-demo');
    expect(state?.paused).toBe(true);
    expect(state?.leaseOwner).toBeUndefined();
    expect(state?.attempt).toBeUndefined();
  });

  it('leaves a connection that needs a human when it is resumed', async () => {
    await deployment.run(['revoke', 'rotating-demo', '--yes']);
    await deployment.run(['resume', 'rotating-demo']);
    await deployment.tick();
    const { stdout, exitCode } = await deployment.run(['status', 'rotating-demo']);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/needs-reauthorization/);
  });

  it('takes Kajabi’s way: the access token as Bearer, and `token`', async () => {
    expect(await works('kajabi')).toBe(true);
    expect(await deployment.run(['revoke', 'kajabi-demo', '--yes', '--json'])).toMatchObject({ exitCode: 0 });
    expect(await works('kajabi')).toBe(false);
    expect((await deployment.state('kajabi-demo'))?.paused).toBe(true);
  });

  it('takes Kajabi’s way again after a success: nothing is left, and it stays paused', async () => {
    await deployment.run(['revoke', 'kajabi-demo', '--yes']);
    expect(await deployment.run(['revoke', 'kajabi-demo', '--yes'])).toEqual({
      exitCode: 0,
      stderr: '',
      stdout:
        'Nothing is left to take back of "kajabi-demo": its refresh token was revoked before, and its access token is not valid any more. It stays paused.\n',
    });
    expect((await deployment.state('kajabi-demo'))?.paused).toBe(true);
  });

  it('says what Kajabi needs when the access token has expired, and changes nothing', async () => {
    deployment.clock.advance(2 * HOUR);
    const { stderr, exitCode } = await deployment.run(['revoke', 'kajabi-demo', '--yes']);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      'error: The provider does not accept the access token of "kajabi-demo", which must come with the revocation; nothing was revoked. Get another first: evertoken refresh kajabi-demo --force\n',
    );
    const state = await deployment.state('kajabi-demo');
    expect(state?.paused).toBeUndefined();
    expect(state?.leaseOwner).toBeUndefined();
  });

  it('quirk 69: says where a provider has no endpoint', async () => {
    expect(await deployment.run(['revoke', 'slashid-demo', '--yes'])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr:
        'error: "slashid-demo" has a token endpoint of its own, so its tokens do not go to SlashID\'s revocation endpoint; nothing was revoked. Set "revocationUrl" beside it.\n',
    });
    const { tokenUrl } = deployment.system.providers.rotating;
    await deployment.declare('bare', { tokenUrl, credentials: 'rotating-demo' });
    const { stderr } = await deployment.run(['revoke', 'bare', '--yes']);
    expect(stderr).toContain(
      'This provider has no revocation endpoint that is known here; nothing was revoked.',
    );
    expect(stderr).toContain('evertoken pause bare');
  });

  it('finds the endpoint in the metadata of the issuer', async () => {
    const { issuer } = deployment.system.providers.rotating;
    await deployment.declare('rotating-demo', {
      issuer,
      credentials: 'rotating-demo',
      grants: ['refresh_token'],
    });
    expect(await deployment.run(['revoke', 'rotating-demo', '--yes'])).toMatchObject({ exitCode: 0 });
    expect(await works('rotating')).toBe(false);
  });

  it('revokes a paused connection too, and notes it', async () => {
    await deployment.run(['pause', 'rotating-demo']);
    expect(await deployment.run(['revoke', 'rotating-demo', '--yes'])).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: 'Revoked its refresh token and its access token; "rotating-demo" stays paused.\n',
    });
    expect(await works('rotating')).toBe(false);
    const state = await deployment.state('rotating-demo');
    expect(state).toMatchObject({
      paused: true,
      lastErrorCode: 'revoked',
      refusedRefreshTokenVersionId: state?.refreshTokenVersionId,
    });
  });

  it('leaves a paused connection paused where nothing could be sent, and says how to go on', async () => {
    await deployment.run(['pause', 'kajabi-demo']);
    deployment.clock.advance(2 * HOUR);
    const { stderr, exitCode } = await deployment.run(['revoke', 'kajabi-demo', '--yes']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      'nothing was revoked. Get another first: evertoken resume kajabi-demo, then evertoken refresh kajabi-demo --force',
    );
    expect((await deployment.state('kajabi-demo'))?.paused).toBe(true);
  });

  it('has new tokens come at once where a connection is resumed that can mint them', async () => {
    await deployment.run(['revoke', 'kajabi-demo', '--yes']);
    await deployment.run(['resume', 'kajabi-demo']);
    await deployment.tick();
    expect(await works('kajabi')).toBe(true);
  });

  it('says for a script what became of each token, and until when the access token lives at most', async () => {
    const { stdout } = await deployment.run(['revoke', 'rotating-demo', '--yes', '--json']);
    expect(JSON.parse(stdout)).toEqual({
      connection: 'rotating-demo',
      paused: true,
      refreshToken: 'revoked',
      accessToken: 'revoked',
      accessTokenEndsAt: expect.stringMatching(/^\d{4}-.*Z$/),
      problems: [],
    });
  });

  it('asks first', async () => {
    const asked = { typed: [['Revoke the tokens of "rotating-demo"?', 'n']] } as const;
    expect(await deployment.run(['revoke', 'rotating-demo'], asked)).toMatchObject({ exitCode: 1 });
    expect(await works('rotating')).toBe(true);
    expect(await deployment.run(['revoke', 'rotating-demo'])).toMatchObject({
      exitCode: 2,
      stderr: 'error: There is no terminal to ask at: give --yes.\n',
    });
  });

  it('names the permission that is missing, and leaves the connection as it was', async () => {
    deployment.deny('GetSecretValue');
    const { stderr, exitCode } = await deployment.run(['revoke', 'rotating-demo', '--yes']);
    deployment.deny(undefined);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('it takes secretsmanager:GetSecretValue');
    expect(stderr).toMatch(/; nothing was revoked\.\n$/);
    expect((await deployment.state('rotating-demo'))?.paused).toBeUndefined();
    const state = await deployment.state('rotating-demo');
    expect(state?.leaseOwner).toBeUndefined();
    expect(state?.attempt).toBeUndefined();
    expect(await works('rotating')).toBe(true);
  });
});

describe('evertoken revoke, while others act', () => {
  let scenario: RevocationScenario;

  beforeEach(async () => {
    scenario = await startRevocation();
  });

  afterEach(() => scenario[Symbol.asyncDispose]());

  it('pauses the connection before anything is sent', async () => {
    const seen: unknown[] = [];
    scenario.provider.answerWith(async () => {
      seen.push((await scenario.deployment.state(NAME))?.paused);
      return { status: 200 };
    });
    await scenario.revoke();
    expect(seen).toEqual([true, true]);
  });

  it('keeps a person from resuming it until it is done', async () => {
    let resuming: Promise<unknown> | undefined;
    scenario.provider.answerWith(() => {
      resuming ??= scenario.deployment.run(['resume', NAME]);
      return { status: 200 };
    });
    expect(await scenario.revoke()).toMatchObject({ exitCode: 0 });
    expect(scenario.provider.hints()).toEqual(['refresh_token', 'access_token']);
    expect(await resuming).toMatchObject({ exitCode: 0 });
  });

  it('says what was taken back though it cannot be noted', async () => {
    scenario.provider.answerWith(() => {
      // Between the pause and the note.
      scenario.deployment.deny('UpdateItem');
      return { status: 200 };
    });
    const { exitCode, lines } = await scenario.revoke();
    scenario.deployment.deny(undefined);
    scenario.provider.answerWith(() => ({ status: 200 }));
    expect([exitCode, lines[0], lines[2]]).toEqual([
      1,
      `Revoked its refresh token and its access token, and paused "${NAME}".`,
      'To do: repeat the command, which is safe: evertoken revoke rotating-demo',
    ]);
    expect(lines[1]).toMatch(/^What was taken back could not be noted: You lack a permission /);
    // Nor could the lease be given back.
    scenario.deployment.clock.advance(2 * MINUTE);
    expect(await scenario.revoke()).toMatchObject({ exitCode: 0 });
    expect(await scenario.stand()).toEqual({ paused: true, isMarked: true });
  });
});
