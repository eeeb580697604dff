/**
 * Changes the sources of the core, one small change at a time, and runs the tests that cover the change: one
 * that no test fails for is a line that nothing guards. The tree itself is never changed. See docs/mutations.md.
 *
 *   npm run test:mutations                                           what changed, or a share of all files
 *   npm run test:mutations -- --changed-since REV                    what changed since then
 *   npm run test:mutations -- --all                                  every file; half an hour or more
 *   npm run test:mutations -- functions/refresh/attempt-ledger.ts    these files
 */
import { parseArgs } from 'node:util';
import { ACCEPTED } from './accepted.ts';
import { judge } from './judge.ts';
import { report } from './report.ts';
import { affordable, allSources, changedSince, named, type Selection } from './selection.ts';

const { values, positionals } = parseArgs({
  options: { all: { type: 'boolean', default: false }, 'changed-since': { type: 'string' } },
  allowPositionals: true,
});

function select(): Selection {
  const revision = values['changed-since'];
  if (values.all) return { files: allSources(), leftOut: [] };
  if (positionals.length > 0) return { files: named(positionals), leftOut: [] };
  return revision === undefined ? affordable() : changedSince(revision);
}

const startedAt = Date.now();
const { files, leftOut } = select();
console.log(files.length === 0 ? 'no source to judge' : 'judging:');
for (const file of files) console.log(`  ${file}`);
for (const file of leftOut) console.log(`  not ${file}, which would take too long`);

if (files.length > 0) {
  const { lines, passed } = report(await judge(files), ACCEPTED, values.all);
  for (const line of lines) console.log(line);
  console.log(`${passed ? 'passed' : 'failed'} after ${Math.round((Date.now() - startedAt) / 1000)} s`);
  process.exitCode = passed ? 0 : 1;
}
