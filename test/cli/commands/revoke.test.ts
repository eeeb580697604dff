import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CliDeployment, startCliDeployment } from '../support/cli-deployment.ts';

const HOUR = 3_600_000;
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

describe('evertoken revoke', () => {
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

  it('never sends the revoked refresh token again: resumed, the connection needs a human', async () => {
    await deployment.run(['revoke', 'rotating-demo', '--yes']);
    await deployment.run(['resume', 'rotating-demo']);
    const requests = deployment.system.providers.rotating.tokenEndpoint.tokenRequests;
    deployment.clock.advance(2 * HOUR);
    await deployment.tick();
    expect(deployment.system.providers.rotating.tokenEndpoint.tokenRequests).toBe(requests);
    const { stdout, exitCode } = await deployment.run(['status', 'rotating-demo']);
    expect(exitCode).toBe(3);
    expect(stdout).toContain(
      'rotating-demo: revoked, for 0 s\n  its refresh token was revoked with the evertoken command',
    );
  });

  it('takes Kajabi’s way: the access token as Bearer, and `token`', async () => {
    expect(await works('kajabi')).toBe(true);
    expect(await deployment.run(['revoke', 'kajabi-demo', '--yes', '--json'])).toMatchObject({ exitCode: 0 });
    expect(await works('kajabi')).toBe(false);
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

  it('says where a provider has no endpoint', async () => {
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

  it('revokes a paused connection too', async () => {
    await deployment.run(['pause', 'rotating-demo']);
    expect(await deployment.run(['revoke', 'rotating-demo', '--yes'])).toMatchObject({ exitCode: 0 });
    expect(await works('rotating')).toBe(false);
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
    const state = await deployment.state('rotating-demo');
    expect(state?.leaseOwner).toBeUndefined();
    expect(state?.attempt).toBeUndefined();
    expect(await works('rotating')).toBe(true);
  });
});
