import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Node keeps what it compiled: workers load the SDK and CDK in half the time, and so do the commands that tests start.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('node_modules/.cache/node', import.meta.url));

/** What holds for the ordinary tests and for suites alike. */
export const shared = {
  setupFiles: ['test/support/setup.ts'],
  testTimeout: 20_000,
  // Servers and functions end in a hook, which a busy machine gives little time.
  hookTimeout: 60_000,
  // Vitest leaves one core free by default: of two, that is half.
  maxWorkers: '100%',
};

/** One more than there are cores: some wait for processes that they started, while others work. */
const WORKERS = availableParallelism() + 1;

/**
 * Loading the SDK anew would take longer than most files do: they share modules, which keep nothing, and
 * setup.ts leaves each the environment and the streams that it found.
 */
const together = {
  ...shared,
  maxWorkers: WORKERS,
  isolate: false,
  // Most of what a test makes lives no longer than it: to collect that less often saves a tenth of all.
  execArgv: ['--max-semi-space-size=32'],
};

const ALL = 'test/**/*.test.ts';
const SYNTHESES = 'test/infra/**/*.test.ts';

/**
 * The longest first, so that of two workers none waits at the end for one that began with them late. Syntheses
 * come before all: a worker is used again for files of the same project alone.
 */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((one, other) => placeOf(one) - placeOf(other));
  }
}

const PLACES = [
  /\/test\/infra\/(?:storage-stack|app|cdk-nag)\./,
  /\/test\/infra\//,
  /\/test\/(?:e2e\/the-world-as-it-is|e2e\/assembly|functions\/refresh\/interleavings|local\/main)\./,
  /\/test\/(?:e2e\/(?:hostile-text|two-at-once|alarms|token-endpoint-faults)|local\/system)\./,
  /\/test\/(?:e2e|local|examples)\//,
  /\/test\/functions\/(?:refresh\/attempt-ledger-orders|providers\/every-preset)\./,
  /\/test\/cli\/(?:commands|authorization|connections)\//,
];

function placeOf({ moduleId }: TestSpecification): number {
  const place = PLACES.findIndex((pattern) => pattern.test(moduleId));
  return place < 0 ? PLACES.length : place;
}

export default defineConfig({
  test: {
    maxWorkers: WORKERS,
    sequence: { sequencer: LongFirst },
    projects: [
      {
        test: {
          ...together,
          name: 'tests',
          include: [ALL],
          exclude: [SYNTHESES, '**/node_modules/**'],
        },
      },
      {
        test: {
          ...together,
          name: 'syntheses',
          include: [SYNTHESES],
          // CloudFormation's rules take as long as all else of a synthesis; who looks at whole apps turns them on.
          env: { CDK_VALIDATION: 'false' },
          setupFiles: [...shared.setupFiles, 'test/support/remove-syntheses.ts'],
        },
      },
    ],
  },
});
