/**
 * Takes each safeguard out in turn and runs the tests that should notice: a mutation that no named test
 * fails for is a safeguard that nothing guards. The tree itself is never changed.
 *
 *   npm run test:mutations
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MUTATIONS, type Mutation } from './mutations.ts';

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

let noticed = 0;
for (const mutation of MUTATIONS) {
  const source = await readFile(mutation.file, 'utf8');
  if (source.split(mutation.find).length !== 2) {
    console.log(`NOT APPLIED  ${mutation.name}: ${mutation.file} does not hold the text exactly once`);
    continue;
  }
  const failed = await failuresOf(mutation);
  const isNoticed = failed.some((name) => name.includes(mutation.fails));
  if (isNoticed) noticed += 1;
  const verdict = isNoticed ? 'noticed ' : 'SURVIVED';
  console.log(`${verdict}  without ${mutation.name}: ${failed.length} tests fail, "${mutation.fails}…"`);
}
console.log(`${noticed} of ${MUTATIONS.length} mutations were noticed by the named test`);
process.exitCode = noticed === MUTATIONS.length ? 0 : 1;

/** Names of the tests that fail when the source is read with the mutation in it. */
async function failuresOf({ name, tests }: Mutation): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'evertoken-mutation-'));
  const report = join(directory, 'report.json');
  const args = ['vitest', 'run', tests, '--config', 'test/suites/mutations/vitest.config.ts'];
  const env = { ...process.env, MUTATION: name };
  try {
    // Failing is what is expected; the report says of what.
    await promisify(execFile)('npx', [...args, '--reporter=json', `--outputFile=${report}`], { env }).catch(
      () => undefined,
    );
    const { testResults } = JSON.parse(await readFile(report, 'utf8')) as Report;
    return testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => status === 'failed')
      .map(({ fullName }) => fullName);
  } finally {
    await rm(directory, { recursive: true });
  }
}
