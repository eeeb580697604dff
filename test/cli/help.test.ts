import { describe, expect, it } from 'vitest';
import { runCommand } from './support/run-command.ts';

const COMMANDS = [
  'init',
  'providers',
  'providers check',
  'credentials set',
  'authorize',
  'refresh-token set',
  'refresh',
  'status',
  'history',
  'logs',
  'token',
  'revoke',
  'pause',
  'resume',
  'remove',
  'import',
  'jwks',
  'doctor',
  'completion',
];
const COLUMNS = 80;
const ROWS = 24;

const help = (command: string) => runCommand([...command.split(' ').filter(Boolean), '--help']);

describe('help', () => {
  it('of the program names every command, and what all of them take', async () => {
    const { stdout, exitCode } = await help('');
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain('__complete');
    for (const command of COMMANDS) expect(stdout).toContain(`  ${command.split(' ')[0]} `);
    for (const option of ['--namespace', '--region', '--profile', '--json']) expect(stdout).toContain(option);
    expect(stdout).toContain('0 done, 1 failed, 2 wrong usage, 3 needs a human');
  });

  it.each(['', 'credentials', 'refresh-token', ...COMMANDS])('"%s --help" fits a screen', async (command) => {
    const { stdout, stderr, exitCode } = await help(command);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.length).toBeLessThan(ROWS);
    expect(lines.filter((line) => line.length > COLUMNS)).toEqual([]);
  });

  it.each(['', 'credentials', ...COMMANDS])('"help %s" says the same, and so does -h', async (command) => {
    const words = command.split(' ').filter(Boolean);
    const asked = await help(command);
    expect(await runCommand(['help', ...words])).toEqual(asked);
    expect(await runCommand([...words, '-h'])).toEqual(asked);
  });

  it('of a command needs no name of a connection, and does nothing with one', async () => {
    expect(await runCommand(['help', 'token', 'crm'])).toEqual(await help('token'));
  });

  it.each(COMMANDS)('"%s --help" has an example that begins with the command', async (command) => {
    const { stdout } = await help(command);
    const [, examples = ''] = stdout.split(/\nExamples?:\n/);
    expect(examples).toContain(`evertoken ${command}`);
  });
});

describe('wrong usage', () => {
  it.each([
    [['frobnicate'], "error: unknown command 'frobnicate'\n"],
    [['statsu'], "error: unknown command 'statsu'\n(Did you mean status?)\n"],
    [['statsu', '--help'], "error: unknown command 'statsu'\n(Did you mean status?)\n"],
    [['help', 'statsu'], "error: unknown command 'statsu'\n(Did you mean status?)\n"],
    [['help', 'credentials', 'sett'], "error: unknown command 'sett'\n(Did you mean set?)\n"],
    [['status', '--wach'], "error: unknown option '--wach'\n(Did you mean --watch?)\n"],
    [['token'], "error: missing required argument 'connection'\n"],
    [['token', 'one', 'two'], "error: too many arguments for 'token'. Expected 1 argument but got 2.\n"],
    [['status', '--namespace', 'aws-x'], 'It begins with "aws" or "ssm", which Parameter Store reserves.'],
    [['status', '--health', 'helthy'], 'error: --health: there is no "helthy"; did you mean "healthy"?\n'],
    [['status', '--health', 'x'], 'there is no "x"; there are needs-reauthorization, awaiting-credentials, '],
    [['refresh'], 'error: Name the connections to refresh, or give --all.\n'],
    [['refresh', 'crm', '--all'], 'error: Name the connections to refresh, or give --all.\n'],
    [
      ['credentials', 'set', 'crm'],
      'error: There is no terminal to ask at: give --stdin and pipe a JSON object in.\n',
    ],
    [['credentials', 'set', 'Not A Name', '--stdin'], 'must consist of segments'],
    [['import', 'no-such-file.json'], 'error: no-such-file.json cannot be read (ENOENT).\n'],
  ])('%j exits with 2', async (args, message) => {
    const { stdout, stderr, exitCode } = await runCommand(args);
    expect(stderr).toContain(message);
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 });
  });

  it.each([
    ['an option', ['--client-secret=hunter2!'], "error: unknown option '--client-secret'\n"],
    ['an option and its value', ['--client-secret', 'hunter2!'], "error: unknown option '--client-secret'\n"],
    ['a word', ['hunter2!'], "error: too many arguments for 'set'. Expected 1 argument but got 2.\n"],
  ])('repeats no secret that somebody gave as %s', async (_, given, message) => {
    const { stderr, exitCode } = await runCommand(['credentials', 'set', 'crm', ...given]);
    expect(stderr).toBe(message);
    expect(exitCode).toBe(2);
  });
});

it('prints the version', async () => {
  expect(await runCommand(['--version'])).toMatchObject({ stdout: '0.1.0\n', exitCode: 0 });
});
