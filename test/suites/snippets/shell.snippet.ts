import { ROOT } from '../../support/source-files.ts';
import { describeReadme } from './support/readme-contract.ts';
import { describeSnippet } from './support/snippet-contract.ts';
import { buildDirectory, missingTool } from './support/tool.ts';

describeSnippet('shell', {
  missing: await missingTool('aws', '--version'),
  async build() {
    const driver = `${ROOT}test/suites/snippets/shell/driver.sh`;
    const snippet = `${ROOT}examples/readers/shell/access-token.sh`;
    return ['sh', driver, snippet, `${await buildDirectory('shell')}/errors`];
  },
  ownCache: true,
  movableClock: true,
});

describeReadme('sh', {
  missing: await missingTool('aws', '--version'),
  command: async () => ['sh', '-euc'],
  accessToken: (printed) => JSON.parse(printed).access_token,
});
