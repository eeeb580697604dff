import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../cli/commands.ts';
import { type CliDeployment, startCliDeployment } from '../support/cli-deployment.ts';
import { type RunOptions, runCommand } from '../support/run-command.ts';

const VISIBLE = COMMANDS.filter(({ hidden }) => !hidden);

/** The words that are offered at the end of a line. */
async function offered(words: readonly string[], options: RunOptions = {}): Promise<readonly string[]> {
  const { stdout, stderr, exitCode } = await runCommand(['__complete', '--', ...words], options);
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' ')[0] ?? '');
}

describe('a word of a line', () => {
  it('is a command, with what it does', async () => {
    expect(await offered([''])).toEqual([...VISIBLE.map(({ name }) => name), 'help']);
    expect(await offered([])).toHaveLength(VISIBLE.length + 1);
    const { stdout } = await runCommand(['__complete', '--', 'stat']);
    expect(stdout).toBe('status how connections stand, and what needs you\n');
  });

  it.each([
    [['re'], ['refresh-token', 'refresh', 'revoke', 'resume', 'remove']],
    [['--namespace', 'staging', 'sta'], ['status']],
    [['help', 'cred'], ['credentials']],
    [['help', 'credentials', ''], ['set']],
    [['help', 'status', ''], []],
    [['credentials', ''], ['set']],
    [['providers', 'ch'], ['check']],
    [['providers', 'kaj'], ['kajabi']],
    [['init', 'crm', '--provider', 'kaj'], ['kajabi']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['completion', 'bash', ''], []],
    [['status', '--wa'], ['--watch']],
    [['status', '--health', 'h'], ['healthy']],
    [['status', '--health', 'healthy,re'], ['healthy,retrying']],
    [['status', '--health=healthy', '--wa'], ['--watch']],
    [['status', '--', '--wa'], []],
    [['import', ''], [':files']],
    [['init', '--file', 'x'], [':files']],
    [['no-such-command', '--no'], []],
    [['no-such-command', ''], []],
    [['status', '--namespace', 'Not One', 'x'], []],
    [['--namespace', 'aws', 'stat'], []],
  ])('after %j may be %j', async (words, expected) => {
    expect([...(await offered(words))].sort()).toEqual([...expected].sort());
  });

  it.each(VISIBLE)('may be every option of $name, and those of all', async ({ name, load }) => {
    const program = new Command();
    (await load())(program, () => async () => undefined);
    const [top] = program.commands;
    for (const command of [top, ...(top?.commands ?? [])]) {
      const path = command === top ? [name] : [name, command?.name() ?? ''];
      const options = command?.options.map(({ long }) => long ?? '') ?? [];
      expect(await offered([...path, '--'])).toEqual(
        expect.arrayContaining([...options, '--namespace', '--region', '--profile', '--json', '--help']),
      );
    }
  });
});

describe('a name', () => {
  let deployment: CliDeployment;
  const there = () => ({ endpointUrl: deployment.system.endpoint.url, clock: deployment.clock });

  beforeAll(async () => {
    deployment = await startCliDeployment();
  });

  afterAll(() => deployment[Symbol.asyncDispose]());

  it.each([
    ['token', ''],
    ['status', ''],
    ['refresh', 'crm', ''],
    ['refresh-token', 'set', '--stdin', ''],
    ['pause', 'crm', '--', ''],
  ])('of a connection may follow %s %s', async (...words) => {
    expect(await offered(words, there())).toEqual(['kajabi-demo', 'rotating-demo', 'slashid-demo']);
  });

  it('of a connection comes with its health, and only where one may stand', async () => {
    const { stdout } = await runCommand(['__complete', '--', 'token', 'ka'], there());
    expect(stdout).toBe('kajabi-demo healthy\n');
    expect(await offered(['token', 'kajabi-demo', ''], there())).toEqual([]);
  });

  it('of credentials is one that connections use', async () => {
    expect(await offered(['credentials', 'set', 'ro'], there())).toEqual(['rotating-demo']);
    expect(await offered(['init', 'crm', '--credentials', 'sl'], there())).toEqual(['slashid-demo']);
  });

  it('is looked for in the deployment that the line names', async () => {
    expect(await offered(['status', '--namespace', 'staging', ''], there())).toEqual([]);
  });

  it('is not offered where a shell would not take it as a word, whoever wrote it', async () => {
    const { state } = deployment.system.functions.composition.ports;
    const { definition } = (await deployment.state('slashid-demo')) ?? {};
    if (definition === undefined) throw new Error('it is registered');
    const credentials = '$(touch x)';
    for (const name of ['a b', 'x;id', '$(id)', '`id`']) {
      await state.register(name, { ...definition, credentials }, deployment.clock.now());
    }
    expect(await offered(['token', ''], there())).toHaveLength(3);
    expect(await offered(['credentials', 'set', ''], there())).toHaveLength(3);
  });

  it('is not offered where nobody may see it, or nothing answers, and nothing is said of that', async () => {
    deployment.deny('Scan');
    expect(await offered(['token', ''], there())).toEqual([]);
    deployment.deny(undefined);
    expect(await offered(['token', ''], { awsEnv: { AWS_REGION: undefined } })).toEqual([]);
    expect(await offered(['token', ''])).toEqual([]);
  }, 20_000);
});
