import { expect, test } from 'vitest';
import { presetIds } from '../../functions/providers/presets.ts';
import { generatedFiles, presetsModule } from '../../infra/generated-files.ts';
import { presets } from '../../infra/presets.ts';
import { acme } from '../cli/providers/acme.ts';
import { readRepositoryFile } from '../support/source-files.ts';

const generated = generatedFiles();

test.each([...generated])('%s is up to date: "npm run generate" makes it so', (path, text) => {
  expect(readRepositoryFile(path)).toBe(text);
});

test('every preset is offered to an editor and to a CDK app', async () => {
  const ids = await presetIds();
  const schema = JSON.parse(generated.get('connections.schema.json') ?? '');
  expect(schema.properties.connections.additionalProperties.properties.provider.anyOf[0]).toEqual({
    enum: ids,
  });
  const offered = Object.values(presets).map((preset) =>
    typeof preset === 'function' ? (preset as (placeholders: object) => { provider: string })({}) : preset,
  );
  expect(offered.map(({ provider }) => provider).sort()).toEqual([...ids].sort());
});

test('placeholders with listed values are a union, and those with a default may be left out', () => {
  const region = { description: 'where it is', values: { eu: 'eu.acme', "o'us": 'us.acme' }, example: 'eu' };
  const shop = { description: 'the shop.', pattern: '[a-z]+', example: 'one' };
  const tokenUrl = 'https://{region}.example/token';
  const both = { region: { ...region, default: 'eu' }, shop };
  expect(presetsModule([acme({ tokenUrl, placeholders: both })])).toContain(`  acme: (placeholders: {
    /** where it is; "eu" where it is absent. */
    readonly region?: 'eu' | 'o\\'us';
    /** the shop, e.g. "one". */
    readonly shop: string;
  }): Provider => ({
    provider: 'acme',
    placeholders,
  }),`);
  const optional = { region: { ...region, default: 'eu' } };
  expect(presetsModule([acme({ tokenUrl, placeholders: optional })])).toContain('  } = {}): Provider => ({');
});

test('every preset has a row and a section in the list of providers, and what is not supported is named', async () => {
  const text = generated.get('docs/providers.md') ?? '';
  expect(text).not.toContain('{{');
  for (const id of await presetIds()) {
    expect(text).toContain(`](#${id}) |`);
    expect(text).toContain(`\n### ${id}\n`);
  }
  for (const what of ['Signature Version 4', 'OAuth 1.0a', 'two steps', 'DPoP', 'Signing SAML']) {
    expect(text).toContain(what);
  }
});
