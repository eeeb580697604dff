import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSignInProvider } from '../authorization/support/sign-in-provider.ts';
import { runCommand } from '../support/run-command.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'init-'));
  file = join(folder, 'connections.json');
});

afterEach(() => rm(folder, { recursive: true }));

const connections = async () => JSON.parse(await readFile(file, 'utf8')).connections;

describe('evertoken init', () => {
  it('writes a connection from its arguments, and says what comes next', async () => {
    const args = ['init', 'crm', '--provider', 'slashid', '--credentials', 'main', '--file', file];
    expect(await runCommand(args)).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: `Added "crm" to ${file}.

Next:
  npx cdk deploy --all -c connections=${file}
  evertoken credentials set main
  evertoken status crm
`,
    });
    expect(await connections()).toEqual({ crm: { provider: 'slashid', credentials: 'main' } });
  });

  it('says to sign in where only a refresh token will do', async () => {
    const { stdout } = await runCommand([
      ...['init', 'books', '--issuer', 'https://idp.example.com', '--credentials', 'books'],
      ...['--grants', 'refresh_token', '--scope', 'offline_access read', '--file', file],
    ]);
    expect(stdout).toContain('  evertoken authorize books\n');
    expect(await connections()).toEqual({
      books: {
        issuer: 'https://idp.example.com',
        credentials: 'books',
        grants: ['refresh_token'],
        scope: 'offline_access read',
      },
    });
  });

  it('ends with commands that work as they are printed, with the options that it was given', async () => {
    const odd = join(folder, 'my connections.json');
    const { stdout } = await runCommand(
      [
        ...['init', 'books', '--provider', 'slashid', '--credentials', 'main', '--file', odd],
        ...['--namespace', 'staging', '--region', 'eu-west-1', '--profile', 'corp'],
      ],
      { env: { npm_lifecycle_event: 'evertoken' } },
    );
    expect(stdout).toContain(`Next:
  AWS_REGION=eu-west-1 npx cdk deploy --all -c connections='${odd}' -c namespace=staging --profile corp
  npm run -s evertoken -- credentials set main --namespace staging --region eu-west-1 --profile corp
  npm run -s evertoken -- status books --namespace staging --region eu-west-1 --profile corp
`);
  });

  it.each([
    [{ npm_command: 'exec', npm_lifecycle_event: 'npx' }, '  npx evertoken status crm\n'],
    [{}, '  evertoken status crm\n'],
    [{ EVERTOKEN_NAMESPACE: 'staging' }, '  npx cdk deploy --all -c namespace=staging\n'],
  ])('called with %j it prints%j', async (env, line) => {
    const args = [
      'init',
      'crm',
      '--provider',
      'slashid',
      '--credentials',
      'main',
      '--file',
      join(folder, 'connections.json'),
    ];
    const { stdout } = await runCommand(args, { env });
    expect(stdout.replace(/ -c connections=\S+/, '')).toContain(line);
  });

  it('says to bring a refresh token where nothing says where a person signs in', async () => {
    const given = ['--token-url', 'https://idp.example.com/token', '--credentials', 'books', '--grants'];
    const init = (name: string, ...more: string[]) =>
      runCommand(['init', name, ...given, 'refresh_token', ...more, '--file', file]);
    const { stdout, stderr } = await init('books');
    expect(stdout).toContain('  evertoken refresh-token set books\n');
    expect(stderr).toContain('warning: nothing says where a person signs in: bring a refresh token, or add');
    const known = await init('crm', '--authorization-url', 'https://idp.example.com/authorize');
    expect(known.stdout).toContain('  evertoken authorize crm\n');
    expect(known.stderr).toBe('');
    expect((await connections()).crm.authorizationUrl).toBe('https://idp.example.com/authorize');
  });

  it('takes it for granted that who says where a person signs in has somebody sign in', async () => {
    const given = ['--token-url', 'https://idp.example.com/token', '--credentials', 'books'];
    const url = 'https://idp.example.com/authorize';
    const init = (name: string, ...more: string[]) =>
      runCommand(['init', name, ...given, '--authorization-url', url, ...more, '--file', file]);
    expect((await init('books')).stdout).toContain('  evertoken authorize books\n');
    expect((await connections()).books).toMatchObject({ authorizationUrl: url, grants: ['refresh_token'] });
    const both = await init('both', '--grants', 'client_credentials,refresh_token');
    expect(both.stdout).toContain('  evertoken authorize both\n');
    expect(await init('none', '--grants', 'client_credentials')).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        'error: --authorization-url: a sign-in gives a refresh token, which no grant of client_credentials uses: add refresh_token to them.\n',
    });
  });

  it('offers a person what the metadata of the provider says', async () => {
    const server = await startSignInProvider();
    try {
      await runCommand(
        ['init', 'books', '--token-url', `${server.issuer}/token`, '--credentials', 'b', '--file', file],
        {
          env: { EVERTOKEN_ALLOWED_TOKEN_ORIGINS: server.issuer },
          typed: [
            ['Grants', ' \u001b[B '],
            ['Authorization URL', ''],
            ['Scope', ''],
          ],
        },
      );
      expect((await connections()).books).toMatchObject({ authorizationUrl: `${server.issuer}/auth` });
    } finally {
      await server.close();
    }
  });

  it('asks a person where to sign in, where that is what the first token takes', async () => {
    const { stdout } = await runCommand(['init', 'books', '--credentials', 'books', '--file', file], {
      typed: [
        ['Provider', 'another, by its token URL'],
        ['Token URL', 'https://idp.example.com/token'],
        // Takes away what is offered, takes the refresh token instead.
        ['Grants', ' \u001b[B '],
        ['Authorization URL', 'https://idp.example.com/authorize'],
        ['Scope', 'offline_access'],
      ],
    });
    expect(stdout).toContain('  evertoken authorize books\n');
    expect((await connections()).books).toEqual({
      tokenUrl: 'https://idp.example.com/token',
      authorizationUrl: 'https://idp.example.com/authorize',
      credentials: 'books',
      grants: ['refresh_token'],
      scope: 'offline_access',
    });
  });

  it.each([
    ['client_credential', '; did you mean "client_credentials"?'],
    ['magic', '; there are client_credentials, refresh_token, password, and URIs of extensions.'],
  ])('refuses the grant "%s", which nobody knows', async (grant, words) => {
    const args = ['init', 'crm', '--token-url', 'https://idp.example.com/token', '--credentials', 'x'];
    const { stderr, exitCode } = await runCommand([...args, '--grants', grant, '--file', file]);
    expect(stderr).toBe(`error: --grants: nobody knows a grant type "${grant}"${words}\n`);
    expect(exitCode).toBe(2);
  });

  it.each(['urn:example:grant', 'account_credentials', 'client_credentials, refresh_token'])(
    'takes the grants "%s" of an extension, of a preset, with spaces',
    async (grants) => {
      const args = ['init', 'crm', '--token-url', 'https://idp.example.com/token', '--credentials', 'x'];
      await runCommand([...args, '--grants', grants, '--file', file]);
      expect((await connections()).crm.grants).toEqual(grants.split(', '));
    },
  );

  it('says what a sign-in takes in place of a grant', async () => {
    const args = ['init', 'crm', '--token-url', 'https://idp.example.com/token', '--credentials', 'x'];
    const { stderr } = await runCommand([...args, '--grants', 'authorization_code', '--file', file]);
    expect(stderr).toContain('cannot be repeated without a person');
  });

  it('uses what nobody verified only where a person says so', async () => {
    const args = ['init', 'crm', '--provider', 'adp', '--credentials', 'x', '--file', file];
    expect((await runCommand(args)).stderr).toContain('the preset of ADP is experimental');
    await runCommand([...args, '--accept-experimental']);
    expect((await connections()).crm).toMatchObject({ provider: 'adp', acceptExperimental: true });
  });

  it('writes one that needs no credentials, and says what to turn on once', async () => {
    const { stdout, exitCode } = await runCommand([
      ...['init', 'crm', '--token-url', 'https://idp.example.com/token', '--identity'],
      ...['--client-id', 'public', '--file', file],
    ]);
    // What the provider takes is nowhere said yet.
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 });
    await writeFile(file, JSON.stringify({ connections: {} }));
    const { stderr } = await runCommand([
      ...['init', 'crm', '--token-url', 'https://idp.example.com/token', '--identity', '--file', file],
    ]);
    expect(stderr).toContain('say it in "rules.identity"');
  });

  it('writes a key in KMS beside the credentials', async () => {
    const arn = 'arn:aws:kms:eu-west-1:123456789012:key/1';
    const { stderr, exitCode } = await runCommand([
      ...['init', 'crm', '--provider', 'slashid', '--credentials', 'main', '--signing-key', arn],
      ...['--file', file],
    ]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('signingKey: nothing is signed with it');
  });

  it('asks a person for everything', async () => {
    const { stdout, exitCode } = await runCommand(['init', '--file', file], {
      typed: [
        ['Name of the connection', 'crm'],
        ['Provider', 'kaj'],
        ['Name of the credentials', ''],
        ['Grants', ''],
        ['Scope', ''],
      ],
    });
    expect(stdout).toContain('Added "crm"');
    expect(exitCode).toBe(0);
    expect(await connections()).toEqual({ crm: { provider: 'kajabi', credentials: 'kajabi-main' } });
  });

  it.each([
    [['crm', '--credentials', 'x'], 2, 'error: Give --provider, --issuer or --token-url.\n'],
    [['crm', '--provider', 'kajabi'], 2, 'error: Give --credentials, the name of the credentials to use.\n'],
    [[], 2, 'error: Name the connection: evertoken init NAME.\n'],
    [['Not A Name', '--provider', 'kajabi', '--credentials', 'x'], 2, 'error: "Not A Name" must consist of'],
    [['crm', '--provider', 'kajaby', '--credentials', 'x'], 1, 'There is no provider preset "kajaby"'],
    [['crm', '--provider', 'kajabi', '--credentials', 'x', '--grants', 'magic'], 2, 'nobody knows'],
    [['crm', '--provider', 'slashid', '--credentials', 'x', '--grants', 'password'], 1, 'grants'],
    [['crm', '--token-url', 'http://e.com', '--credentials', 'x'], 1, 'connection "crm": tokenUrl'],
    [
      ['crm', '--provider', 'kajabi', '--credentials', 'x', '--placeholder', 'domain'],
      2,
      'expected key=value',
    ],
  ])('refuses %j, and writes nothing', async (args, code, message) => {
    const { stderr, exitCode } = await runCommand(['init', ...args, '--file', file]);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(code);
    await expect(readFile(file)).rejects.toThrow('ENOENT');
  });

  it('leaves alone a connection that is there, and a file that is broken', async () => {
    const args = ['init', 'crm', '--provider', 'kajabi', '--credentials', 'x', '--file', file];
    await runCommand(args);
    expect((await runCommand(args)).stderr).toBe(
      `error: ${file} has a connection "crm" already: edit it there.\n`,
    );
    await writeFile(file, '{"connections": {"a": {}}}');
    const { stderr, exitCode } = await runCommand(args);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`${file} must be mended first:\n${file}:1:23 connections.a.credentials: `);
  });
});
