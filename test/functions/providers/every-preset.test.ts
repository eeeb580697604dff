import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { checkPreset } from '../../../cli/providers/check-preset.ts';
import { presetExamplesSchema } from '../../../cli/providers/preset-example.ts';
import { misfits, presetFitInput } from '../../../cli/providers/preset-fit.ts';
import { anyHostPlaceholders } from '../../../cli/providers/preset-urls.ts';
import type { FitInput } from '../../../functions/connections/fit.ts';
import { loadPreset } from '../../../functions/providers/load-preset.ts';
import { presetIds } from '../../../functions/providers/presets.ts';
import { appliedRemedy } from '../../support/applied-remedy.ts';
import { canarySecret } from '../../support/canary.ts';

/** Servers that anybody runs: their placeholder is the host of nobody in particular. */
const ANY_HOST: Readonly<Record<string, readonly string[]>> = {
  authentik: ['host'],
  curity: ['host'],
  epic: ['host'],
  gitlab: ['host'],
  keycloak: ['host'],
  'ory-hydra': ['host'],
  zitadel: ['host'],
};

const ids = await presetIds();
const textOf = (id: string) =>
  readFile(new URL(`../../../functions/providers/${id}.json`, import.meta.url), 'utf8');

describe.each(ids)('%s', async (id) => {
  it('has a form, URLs, placeholders and examples that stand, and each example replays', async () => {
    const { findings, replayed } = await checkPreset(`${id}.json`, await textOf(id), canarySecret);
    expect(
      findings.filter(({ level }) => level === 'error').map(({ message }) => `${id}: ${message}`),
    ).toEqual([]);
    expect(replayed).toBeGreaterThan(0);
  });

  it('leads to hosts of its provider alone, or is listed as a server that anybody runs', async () => {
    const preset = await loadPreset(id);
    expect({ [id]: preset && anyHostPlaceholders(preset) }).toEqual({ [id]: ANY_HOST[id] ?? [] });
  });

  it('fits with defaults, or says what to set', async () => {
    const preset = await loadPreset(id);
    if (preset === undefined) throw new Error(`there is no preset ${id}`);
    const input = presetFitInput(preset, presetExamplesSchema.parse(preset.examples));
    const remedies = misfits(input).map(({ remedy }) => remedy);
    expect({ id, remedies, isMendable: isMendable(input) }).toEqual({ id, remedies, isMendable: true });
  });
});

it('has no exception for a preset that is gone', () => {
  expect(Object.keys(ANY_HOST).filter((id) => !ids.includes(id))).toEqual([]);
});

/** More than there are kinds of misfits. */
const MOST_STEPS = 3;

/** Whether whoever does what the remedies say, one after the other, has nothing left that refuses the connection. */
function isMendable(input: FitInput, steps = MOST_STEPS): boolean {
  const problems = misfits(input);
  if (problems.length === 0 || steps === 0) return problems.length === 0;
  return problems.some((problem) =>
    appliedRemedy(problem, input).some((better) => isMendable(better, steps - 1)),
  );
}
