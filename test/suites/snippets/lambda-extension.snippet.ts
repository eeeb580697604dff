import { ROOT } from '../../support/source-files.ts';
import { startExtension } from './support/lambda-extension.ts';
import { describeSnippet } from './support/snippet-contract.ts';
import { missingTool } from './support/tool.ts';

const folder = `${ROOT}examples/readers/lambda-extension`;

describeSnippet('the Lambda extension, in JavaScript', {
  missing: undefined,
  build: async () => [
    process.execPath,
    `${ROOT}test/suites/snippets/lambda-extension/driver.ts`,
    `${folder}/access-token.mjs`,
  ],
  environment: startExtension,
  ownCache: false,
  movableClock: false,
});

describeSnippet('the Lambda extension, in Python', {
  missing: await missingTool('python3', '-c', 'import sys; assert sys.version_info >= (3, 9)'),
  build: async () => ['python3', '-B', `${ROOT}test/suites/snippets/python/driver.py`, folder],
  environment: startExtension,
  ownCache: false,
  movableClock: false,
});
