/**
 * Compares our presets with what public registries say: `npm run providers:compare -- FILE…`. The files are
 * snapshots that a person downloaded; nothing is asked over the network. They are read for facts, URLs and names of
 * methods, and nothing of them is kept.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { comparePreset, type PresetComparison } from './cli/providers/registries/compare-preset.ts';
import { readRegistry, UnknownRegistry } from './cli/providers/registries/read-registry.ts';
import { loadPresetSync, presetIdsSync } from './functions/providers/presets.ts';
import { inertStart } from './functions/text/inert.ts';

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error(
    'Give the snapshots to compare with: npm run providers:compare -- oauth.json providers.yaml …',
  );
  process.exit(2);
}
try {
  const entries = files.flatMap((file) => readRegistry(basename(file), readFileSync(file, 'utf8')));
  const presets = presetIdsSync().flatMap((id) => loadPresetSync(id) ?? []);
  const comparisons = presets.map((preset) => comparePreset(preset, entries));
  print(comparisons, entries.length);
  process.exitCode = comparisons.some(({ disagreements }) => disagreements.length > 0) ? 1 : 0;
} catch (error) {
  const isExpected = error instanceof UnknownRegistry || (error as NodeJS.ErrnoException).code !== undefined;
  if (!isExpected) throw error;
  console.error(inertStart((error as Error).message));
  process.exitCode = 2;
}

function print(comparisons: readonly PresetComparison[], entries: number): void {
  for (const { id, agreeing, disagreements } of comparisons) {
    if (agreeing.length + disagreements.length === 0) continue;
    const agree = agreeing.length === 0 ? '' : `, agreed by ${agreeing.join(', ')}`;
    console.log(
      inertStart(`${id}: ${disagreements.length === 0 ? 'no disagreement' : disagreements.length}${agree}`),
    );
    for (const disagreement of disagreements) console.log(`  ${inertStart(disagreement)}`);
  }
  const found = comparisons.filter(
    ({ agreeing, disagreements }) => agreeing.length + disagreements.length > 0,
  );
  console.log(`${found.length} of ${comparisons.length} presets are among ${entries} entries.`);
}
