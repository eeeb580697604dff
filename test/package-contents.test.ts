import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { packageContents } from './support/package-contents.ts';
import { ROOT, repositoryFiles } from './support/source-files.ts';

/** What lies about in a checkout, and what a person may have put there. */
const LEFT_BEHIND = [
  '.env',
  '.npmrc',
  '.evertoken/data/secrets.json',
  'cdk.out/evertoken-refresh.template.json',
  'cdk.context.json',
  'evertoken-0.1.0.tgz',
  'node_modules/zod/index.js',
  'private-key.pem',
];

test('the package takes of a checkout what is meant to be shipped, and nothing else', () => {
  const directory = mkdtempSync(join(tmpdir(), 'evertoken-checkout-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const shipped = packageContents();
  for (const path of new Set([...repositoryFiles(), ...LEFT_BEHIND, ...shipped])) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), '');
  }
  cpSync(join(ROOT, 'package.json'), join(directory, 'package.json'));
  // Without scripts, as they would build.
  const options = ['--dry-run', '--json', '--ignore-scripts', '--offline', '--loglevel=error'];
  const answer = execFileSync('npm', ['pack', ...options], { cwd: directory, encoding: 'utf8' });
  const [packed]: { files: { path: string }[] }[] = JSON.parse(answer);
  expect(packed?.files.map(({ path }) => path).sort()).toEqual(shipped);
});
