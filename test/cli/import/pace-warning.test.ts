import { expect, test } from 'vitest';
import type { ImportEntry } from '../../../cli/import/import-file.ts';
import { paceWarning } from '../../../cli/import/pace-warning.ts';
import { loadPreset } from '../../../functions/providers/load-preset.ts';
import type { ConnectionState } from '../../../functions/refresh/connection-state.ts';

const definition = { tokenUrl: 'https://idp.example.com/token', credentials: 'a' };
const entries = (count: number, prefix = 'c') =>
  Array.from({ length: count }, (_, index) => ({ name: `${prefix}${index}`, definition })) as ImportEntry[];
const states = (count: number, prefix = 'c') => entries(count, prefix) as unknown as ConnectionState[];

const warning = (brought: number, registered: readonly ConnectionState[], secretWritesPerSecond = 1) =>
  paceWarning(entries(brought), async () => registered, { presets: loadPreset, secretWritesPerSecond });

test('what the pace bears is not warned of', async () => {
  expect(await warning(513, [])).toBeUndefined();
  expect(await warning(5_000, [], 20)).toBeUndefined();
});

test('more than it bears after an outage is warned of, with the number and the ways out', async () => {
  expect(await warning(514, [])).toMatch(
    /^were all 514 connections due at once, .* beyond 513 connections like these: .*secretWritesPerSecond.*\. Where the deployment has another pace, set EVERTOKEN_SECRET_WRITES_PER_SECOND here\.$/,
  );
});

test('what is registered already counts, but for what the file brings anew', async () => {
  expect(await warning(400, states(400))).toBeUndefined();
  expect(await warning(400, states(200, 'other'))).toContain('were all 600 connections due at once');
});

test('a small file is not worth a look at all that is registered', async () => {
  const asked = () => Promise.reject(new Error('it was asked'));
  const options = { presets: loadPreset, secretWritesPerSecond: 1 };
  expect(await paceWarning(entries(99), asked, options)).toBeUndefined();
});
