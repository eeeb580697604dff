import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What holds for the ordinary tests and for suites alike. */
export const shared = {
  setupFiles: ['test/support/setup.ts'],
  testTimeout: 20_000,
  // Servers and functions end in a hook, which a busy machine gives little time.
  hookTimeout: 60_000,
  // Vitest leaves one core free by default: of two, that is half.
  maxWorkers: '100%',
};

/**
 * Loading the SDK anew would take longer than most files do: they share modules, which keep nothing, and
 * setup.ts leaves each the environment and the streams that it found.
 */
const together = { ...shared, isolate: false };

const ALL = 'test/**/*.test.ts';
const SYNTHESES = 'test/infra/**/*.test.ts';
const UNITS = 'test/functions/**/*.test.ts';

/** Whole systems first: of two workers none waits at the end for one that began with them late. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) =>
      /\/test\/(?:e2e|local|examples)\//.test(moduleId) ? 0 : 1;
    return files.toSorted((one, other) => place(one) - place(other));
  }
}

export default defineConfig({
  test: {
    maxWorkers: shared.maxWorkers,
    sequence: { sequencer: LongFirst },
    projects: [
      {
        test: {
          ...together,
          name: 'tests',
          include: [ALL],
          exclude: [SYNTHESES, UNITS, '**/node_modules/**'],
        },
      },
      { test: { ...together, name: 'units', include: [UNITS] } },
      {
        test: {
          ...together,
          name: 'syntheses',
          include: [SYNTHESES],
          setupFiles: [...shared.setupFiles, 'test/support/remove-syntheses.ts'],
        },
      },
    ],
  },
});
