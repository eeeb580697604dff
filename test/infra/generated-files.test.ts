import { expect, test } from 'vitest';
import { presetIds } from '../../functions/providers/presets.ts';
import { generatedFiles } from '../../infra/generated-files.ts';
import { presets } from '../../infra/presets.ts';
import { readRepositoryFile } from '../support/source-files.ts';

test.each([...generatedFiles()])('%s is up to date: "npm run generate" makes it so', (path, text) => {
  expect(readRepositoryFile(path)).toBe(text);
});

test('every preset is offered to an editor and to a CDK app', async () => {
  const ids = await presetIds();
  const schema = JSON.parse(generatedFiles().get('connections.schema.json') ?? '');
  expect(schema.properties.connections.additionalProperties.properties.provider.enum).toEqual(ids);
  const offered = Object.values(presets).map((preset) =>
    typeof preset === 'function' ? (preset as (placeholders: object) => { provider: string })({}) : preset,
  );
  expect(offered.map(({ provider }) => provider).sort()).toEqual([...ids].sort());
});
