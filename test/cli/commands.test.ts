import { stripTypeScriptTypes } from 'node:module';
import { posix } from 'node:path';
import { Command } from 'commander';
import { init, parse } from 'es-module-lexer';
import { expect, it } from 'vitest';
import { COMMANDS } from '../../cli/commands.ts';
import { readRepositoryFile } from '../support/source-files.ts';

await init;

/** What is loaded with these files, before anything is asked for: paths of our own, names of packages. */
function loadedWith(...entries: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>(entries);
  for (const path of found) {
    if (!path.endsWith('.ts')) continue;
    const [imports] = parse(stripTypeScriptTypes(readRepositoryFile(path)));
    for (const { n: name, d: isDynamic } of imports) {
      if (name === undefined || isDynamic !== -1) continue;
      found.add(name.startsWith('.') ? posix.join(posix.dirname(path), name) : name);
    }
  }
  return found;
}

it.each(COMMANDS)('$name is added by the module that is loaded for it', async ({ name, load }) => {
  const program = new Command();
  (await load())(program, () => async () => undefined);
  expect(program.commands.map((command) => command.name())).toEqual([name]);
});

it('help and mistakes wait for no command, no schema and no client of AWS', () => {
  const loaded = [...loadedWith('cli/main.ts')];
  expect(loaded).toContain('commander');
  expect(loaded.filter((name) => /^(?:cli\/commands\/|zod|@aws-sdk|@smithy|undici)/.test(name))).toEqual([]);
  expect(loaded.length).toBeLessThan(40);
});

it.each(['status', 'history', 'logs', 'pause', 'resume', 'refresh', 'remove', 'token', 'doctor'])(
  'the help of "%s" waits for no schema and no client of AWS',
  (command) => {
    const loaded = [...loadedWith(`cli/commands/${command}.ts`)];
    expect(loaded.filter((name) => /^(?:zod|@aws-sdk\/client|undici)/.test(name))).toEqual([]);
  },
);

it('no client of AWS is waited for before one is asked', () => {
  const loaded = [...loadedWith('cli/deployment.ts')];
  expect(loaded.filter((name) => /^(?:zod|undici|ipaddr|open$|@inquirer|@aws-sdk)/.test(name))).toEqual([]);
});

it('who looks at connections waits for the client of DynamoDB, and for no schema', () => {
  const loaded = [...loadedWith('functions/aws/state-table/create-state-table.ts')];
  expect(loaded).toContain('@aws-sdk/client-dynamodb');
  expect(loaded.filter((name) => /^(?:zod|undici|@aws-sdk\/client-(?!dynamodb))/.test(name))).toEqual([]);
});
