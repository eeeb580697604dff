import { expect, test } from 'vitest';
import { runApart } from '../../../bench/runner/run-apart.ts';

test('a benchmark that throws in its process is told by what it threw', async () => {
  const run = runApart('no-such-benchmark', { full: false, progress: () => {} });
  await expect(run).rejects.toThrow(/Cannot find module .*no-such-benchmark/);
});
