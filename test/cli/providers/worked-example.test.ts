import { expect, test } from 'vitest';
import { checkPreset } from '../../../cli/providers/check-preset.ts';
import { plainly } from '../../../cli/text/colour.ts';
import { presetReportText } from '../../../cli/text/preset-report-text.ts';
import { parseConnections } from '../../../functions/connections/parse/parse-connections.ts';
import { presetIds } from '../../../functions/providers/presets.ts';
import { canarySecret } from '../../support/canary.ts';
import { readRepositoryFile } from '../../support/source-files.ts';

const [, chapter = ''] = readRepositoryFile('CONTRIBUTING.md').split('### A worked example');
const [, example = ''] = /```json\n(.*?)```/s.exec(chapter) ?? [];
const [right = '', wrong = ''] = [
  ...chapter.matchAll(/```console\n\$ evertoken providers check tidewater\.json\n(.*?)\n```/gs),
].map(([, shown]) => shown);

const check = async (text: string) =>
  presetReportText([await checkPreset('tidewater.json', text, canarySecret)], plainly);

test('the preset that CONTRIBUTING.md shows stands, as the command says there', async () => {
  expect(example).not.toBe('');
  expect(await check(example)).toBe(right);
});

test('with a field taken out, what it shows is what the command says', async () => {
  const without = example.replace(/ *"expiresInUnit": "milliseconds",\n/, '');
  expect(without).not.toBe(example);
  expect(await check(without)).toBe(wrong);
});

test('the connections that the documentation shows for any provider stand', async () => {
  const [, section = ''] = readRepositoryFile('docs/connections.md').split('## Any provider');
  const [, shown = ''] = /```json\n(.*?)```/s.exec(section) ?? [];
  expect(parseConnections(shown, { providers: await presetIds() })).toMatchObject({ ok: true });
});
