import { describe, expect, test } from 'vitest';
import { ConnectionError } from '../../../functions/connections/connection-error.ts';
import type { ConnectionRules } from '../../../functions/connections/connection-rules.ts';
import { presetOf } from '../../../functions/connections/preset-of.ts';
import { presetOfSync } from '../../../functions/connections/preset-of-sync.ts';
import { providerPresetSchema } from '../../../functions/connections/provider-preset.ts';
import { RFC_PRESET } from '../../../functions/connections/resolve-connection.ts';

const nobody = async () => undefined;

describe('a preset that rules bend is the same, whether it is waited for or not', () => {
  test.each<readonly [string, ConnectionRules | undefined]>([
    ['by no rules', undefined],
    ['by nothing', {}],
    ['in its parts', { name: 'Own', response: { path: ['data'] }, refreshToken: { rotates: 'never' } }],
    ['by what has defaults of its own', { request: { assertion: { use: 'client' } }, budgets: [] }],
  ])('%s', async (_, rules) => {
    expect(await presetOf({ rules }, nobody)).toStrictEqual(presetOfSync({ rules }, () => undefined));
  });

  test('or says in the same words why not', async () => {
    const rules = { tokenUrl: 'https://{region}.acme.example/', supportedGrants: ['password'] };
    const error: unknown = await presetOf({ rules }, nobody).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(() => presetOfSync({ rules }, () => undefined)).toThrow(error as Error);
  });
});

test('a provider that is unknown here is told as one', async () => {
  const problem = 'There is no provider preset "acme" in this version: update evertoken.';
  await expect(presetOf({ provider: 'acme' }, nobody)).rejects.toThrow(problem);
});

test('a connection without a provider behaves as the schema of presets has it by default', () => {
  const { schema, id, name, docsUrl, verifiedAt, grants } = RFC_PRESET;
  expect(RFC_PRESET).toStrictEqual(
    providerPresetSchema.parse({ schema, id, name, docsUrl, verifiedAt, grants }),
  );
});
