import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { presetIds } from '../../../functions/providers/presets.ts';
import { acmeFile } from '../providers/acme.ts';
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
access token   as long as the answer says`);
    expect(stdout).toMatch(/^refresh token {2}a refresh may replace it; a JWT that says its own end;/m);
    expect(stdout).toMatch(/^documentation {2}https:\/\/developers\.kajabi\.com\//m);
    expect(stdout).toMatch(/^status {9}verified on \d{4}-\d\d-\d\d$/m);
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
      refreshToken: { rotates: 'sometimes' },
      experimental: false,
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

describe('evertoken providers check', () => {
  const fileWith = (text: string) => {
    const directory = mkdtempSync(join(tmpdir(), 'evertoken-preset-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const file = join(directory, 'acme.json');
    writeFileSync(file, text);
    return file;
  };

  it('says of each file that it stands', async () => {
    const file = fileWith(JSON.stringify(acmeFile()));
    const kajabi = 'functions/providers/kajabi.json';
    expect(await runCommand(['providers', 'check', file, kajabi])).toEqual({
      exitCode: 0,
      stdout: `${file}: ok, 3 examples replayed\n${kajabi}: ok, 6 examples replayed\n`,
      stderr: '',
    });
  });

  it('exits with 1 and says what is to be mended, and that it is experimental', async () => {
    const file = fileWith(JSON.stringify(acmeFile({ examples: [], verifiedAt: undefined })));
    const { exitCode, stdout } = await runCommand(['providers', 'check', file]);
    expect(exitCode).toBe(1);
    expect(stdout).toBe(`${file}: 3 errors
  error: examples: one is missing: a success of "client_credentials"
  error: examples: one is missing: a client that is refused, such as one with a wrong secret
  error: examples: one is missing: too many requests (kind "throttled"): a 429, or what the provider says
  experimental: no "verifiedAt": nobody read its documentation on a day that the file names
`);
  });

  it('is JSON for scripts', async () => {
    const file = fileWith('{');
    const { exitCode, stdout } = await runCommand(['providers', 'check', file, '--json']);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toEqual([
      {
        file,
        experimental: [],
        replayed: 0,
        findings: [{ level: 'error', message: expect.stringContaining('this is not JSON') }],
      },
    ]);
  });

  it('exits with 2 where there is no such file', async () => {
    expect(await runCommand(['providers', 'check', 'no-such.json'])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'error: no-such.json cannot be read (ENOENT).\n',
    });
  });
});
