import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completionScript, type Shell } from '../../../cli/completion/shells.ts';
import { ROOT } from '../../support/source-files.ts';
import { runCommand } from '../support/run-command.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shells-'));
  const command = `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'cli/main.ts')}' "$@"\n`;
  await writeFile(join(folder, 'evertoken'), command, { mode: 0o755 });
});

afterAll(() => rm(folder, { recursive: true }));

const isInstalled = (shell: Shell) => spawnSync(shell, ['--version']).status === 0;
const leftOut = (shell: Shell) => (isInstalled(shell) ? '' : ` (left out: there is no ${shell} here)`);

/** What a shell prints that reads its script between two texts. */
function printed(shell: Shell, options: readonly string[], text: string, before = ''): string {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const env = { PATH: `${folder}${delimiter}${PATH}`, HOME: folder, NODE_COMPILE_CACHE };
  const script = join(folder, shell);
  writeFileSync(script, `${before}\n${completionScript(shell)}\n${text}\n`);
  return execFileSync(shell, [...options, script], { env, cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
}

describe('the script', () => {
  it.each(['bash', 'zsh', 'fish'] as const)('for %s is printed as it is', async (shell) => {
    expect((await runCommand(['completion', shell])).stdout).toBe(completionScript(shell));
  });

  it('for another shell is refused, with those that there are', async () => {
    const { stderr, exitCode } = await runCommand(['completion', 'tcsh']);
    expect(stderr).toContain(
      "value 'tcsh' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish.",
    );
    expect(exitCode).toBe(2);
  });
});

describe.skipIf(!isInstalled('bash'))(`bash${leftOut('bash')}`, () => {
  const completed = (...words: readonly string[]) =>
    printed(
      'bash',
      ['--norc'],
      `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
       _evertoken; printf '%s\\n' "\${COMPREPLY[@]}"`,
    )
      .trim()
      .split('\n');

  it('completes commands, options and presets', () => {
    expect(completed('evertoken', 'stat')).toEqual(['status']);
    expect(completed('evertoken', 'status', '--wa')).toEqual(['--watch']);
    expect(completed('evertoken', 'providers', 'kaj')).toEqual(['kajabi']);
    expect(completed('evertoken', 'completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  it('asks the command by the path with which it was typed', () => {
    expect(completed(join(folder, 'evertoken'), 'doc')).toEqual(['doctor']);
  });

  it('leaves files to the shell, and says nothing where nothing is known', () => {
    expect(completed('evertoken', 'import', '')).toEqual(['']);
    expect(completed('evertoken', 'token', '')).toEqual(['']);
  });

  it('is told which command it completes', () => {
    expect(printed('bash', ['--norc'], 'complete -p evertoken')).toBe('complete -F _evertoken evertoken\n');
  });
});

describe.skipIf(!isInstalled('zsh'))(`zsh${leftOut('zsh')}`, () => {
  // Outside of a line that somebody edits, what zsh would be told is printed.
  const completed = (...words: readonly string[]) =>
    printed(
      'zsh',
      ['-f'],
      `words=(${words.map((word) => `'${word}'`).join(' ')}); CURRENT=${words.length}; _evertoken`,
      `compdef() { : }; _describe() { print -rl -- "\${(@P)2}" }; _files() { print FILES }`,
    )
      .trim()
      .split('\n');

  it('completes commands, options and presets, with what they are', () => {
    expect(completed('evertoken', 'stat')).toEqual(['status:how connections stand, and what needs you']);
    expect(completed('evertoken', 'status', '--wa')).toEqual([
      '--watch:show it again every 2 seconds until Ctrl-C',
    ]);
    expect(completed('evertoken', 'providers', 'kaj')).toEqual(['kajabi:']);
  });

  it('leaves files to the shell, and says nothing where nothing is known', () => {
    expect(completed('evertoken', 'import', '')).toEqual(['FILES']);
    expect(completed('evertoken', 'token', '')).toEqual(['']);
  });
});

describe.skipIf(!isInstalled('fish'))(`fish${leftOut('fish')}`, () => {
  const completed = (line: string) =>
    printed('fish', ['--no-config'], `complete -C '${line}'`).trim().split('\n');

  it('completes commands, options and presets, with what they are', () => {
    expect(completed('evertoken stat')).toEqual(['status\thow connections stand, and what needs you']);
    expect(completed('evertoken status --wa')).toEqual([
      '--watch\tshow it again every 2 seconds until Ctrl-C',
    ]);
    expect(completed('evertoken providers kaj')).toEqual(['kajabi']);
  });

  it('says nothing where nothing is known', () => {
    expect(completed('evertoken token ')).toEqual(['']);
  });
});
