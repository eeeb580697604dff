import { readFile } from 'node:fs/promises';
import { ROOT } from '../../support/source-files.ts';
import { describeSnippet } from './support/snippet-contract.ts';
import { build, buildDirectory, missingTool } from './support/tool.ts';

describeSnippet('Java', {
  missing:
    (await missingTool('javac', '--release', '11', '--version')) ?? (await missingTool('mvn', '--version')),
  async build() {
    const directory = await buildDirectory('java');
    const pathFile = `${directory}/class-path.txt`;
    const maven = ['--batch-mode', '--quiet', '--file', `${ROOT}test/suites/snippets/java/pom.xml`];
    await build(directory, 'mvn', [...maven, 'dependency:build-classpath', `-Dmdep.outputFile=${pathFile}`]);
    const classPath = `${directory}:${(await readFile(pathFile, 'utf8')).trim()}`;
    const sources = [
      `${ROOT}examples/readers/java/AccessTokens.java`,
      `${ROOT}test/suites/snippets/java/Driver.java`,
    ];
    await build(directory, 'javac', ['--release', '11', '-cp', classPath, '-d', directory, ...sources]);
    return ['java', '-cp', classPath, 'Driver'];
  },
  ownCache: true,
  movableClock: false,
});
