import { ROOT } from '../../support/source-files.ts';
import { describeSnippet } from './support/snippet-contract.ts';
import { build, buildDirectory, missingTool } from './support/tool.ts';

describeSnippet('Go', {
  missing: await missingTool('go', 'version'),
  async build() {
    const directory = await buildDirectory('go');
    for (const source of ['examples/readers/go', 'test/suites/snippets/go']) {
      await build(`${ROOT}${source}`, 'go', ['vet', './...']);
    }
    await build(`${ROOT}test/suites/snippets/go`, 'go', ['build', '-o', `${directory}/driver`, '.']);
    return [`${directory}/driver`];
  },
  ownCache: true,
  movableClock: false,
});
