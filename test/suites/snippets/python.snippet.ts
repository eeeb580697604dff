import { ROOT } from '../../support/source-files.ts';
import { describeReadme } from './support/readme-contract.ts';
import { describeSnippet } from './support/snippet-contract.ts';
import { build, buildDirectory, missingTool } from './support/tool.ts';

const missing = await missingTool('python3', '-c', 'import sys, venv; assert sys.version_info >= (3, 10)');

/** @returns the interpreter of a virtual environment that has what the snippets need */
async function python(): Promise<string> {
  const directory = await buildDirectory('python');
  const interpreter = `${directory}/bin/python`;
  await build(directory, 'python3', ['-m', 'venv', directory]);
  const requirements = `${ROOT}test/suites/snippets/python/requirements.txt`;
  await build(directory, interpreter, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements]);
  return interpreter;
}

describeSnippet('Python', {
  missing,
  build: async () => [
    await python(),
    '-B',
    `${ROOT}test/suites/snippets/python/driver.py`,
    `${ROOT}examples/readers/python`,
  ],
  ownCache: true,
  movableClock: true,
});

describeReadme('python', {
  missing,
  command: async () => [await python(), '-c'],
  after: 'print(headers["Authorization"])',
  accessToken: (printed) => printed.trim().replace(/^Bearer /, ''),
});
