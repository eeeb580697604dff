import { ROOT } from '../../support/source-files.ts';
import { describeSnippet } from './support/snippet-contract.ts';
import { build, buildDirectory, missingTool } from './support/tool.ts';

describeSnippet('Python', {
  missing: await missingTool('python3', '-c', 'import sys, venv; assert sys.version_info >= (3, 10)'),
  async build() {
    const directory = await buildDirectory('python');
    const python = `${directory}/bin/python`;
    await build(directory, 'python3', ['-m', 'venv', directory]);
    const requirements = `${ROOT}test/suites/snippets/python/requirements.txt`;
    await build(directory, python, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements]);
    return [python, '-B', `${ROOT}test/suites/snippets/python/driver.py`, `${ROOT}examples/readers/python`];
  },
  ownCache: true,
  movableClock: true,
});
