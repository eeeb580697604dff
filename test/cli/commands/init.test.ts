import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
  npx cdk deploy --all
  evertoken credentials set main
  evertoken status crm
`,
    });
    expect(await connections()).toEqual({ crm: { provider: 'slashid', credentials: 'main' } });
  });

  it('says to sign in where only a refresh token will do', async () => {
    const { stdout } = await runCommand([
      ...['init', 'books', '--token-url', 'https://idp.example.com/token', '--credentials', 'books'],
      ...['--grants', 'refresh_token', '--scope', 'offline_access read', '--file', file],
    ]);
    expect(stdout).toContain('  evertoken authorize books\n');
    expect(await connections()).toEqual({
      books: {
        tokenUrl: 'https://idp.example.com/token',
        credentials: 'books',
        grants: ['refresh_token'],
        scope: 'offline_access read',
      },
    });
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
    [['crm', '--provider', 'kajabi', '--credentials', 'x', '--grants', 'magic'], 1, 'grants'],
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
