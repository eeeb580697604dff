import { describe, expect, it } from 'vitest';
import { presetIds } from '../../../functions/providers/presets.ts';
import { runCommand } from '../support/run-command.ts';

describe('evertoken providers', () => {
  it('lists every preset with what it needs', async () => {
    const { stdout, exitCode } = await runCommand(['providers']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^id +name +grants +needs\n/);
    expect(stdout).toMatch(/^kajabi +Kajabi +refresh_token, client_credentials +client_id, client_secret$/m);
    expect(stdout.trimEnd().split('\n')).toHaveLength((await presetIds()).length + 1);
  });

  it('shows one with an example that can be used as it is', async () => {
    const { stdout } = await runCommand(['providers', 'kajabi']);
    expect(stdout).toContain(`provider       kajabi (Kajabi)
grants         refresh_token, client_credentials
also           password
credentials    client_id, client_secret
token URL      https://api.kajabi.com/v1/oauth/token
sign in at     the connection's "authorizationUrl"
revoke at      https://api.kajabi.com/v1/oauth/revoke
documentation  https://developers.kajabi.com/`);
    expect(stdout).toContain(
      'In connections.json:\n  "kajabi": {"provider": "kajabi", "credentials": "kajabi-main"}\n',
    );
  });

  it('is JSON for scripts', async () => {
    const { stdout } = await runCommand(['providers', 'slashid', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      id: 'slashid',
      grants: ['client_credentials'],
      credentials: ['client_id', 'client_secret'],
      revocationUrl: 'https://api.slashid.com/oauth2/tokens/revoke',
    });
  });

  it('suggests the preset that was meant', async () => {
    expect(await runCommand(['providers', 'kajaby'])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'error: There is no preset "kajaby"; did you mean "kajabi"?\n',
    });
  });
});
