import { defineConfig } from 'vitest/config';

/** What holds for the ordinary tests and for suites alike. */
export const shared = {
  setupFiles: ['test/support/setup.ts'],
  testTimeout: 20_000,
  // Servers and functions end in a hook, which a busy machine gives little time.
  hookTimeout: 60_000,
  // Vitest leaves one core free by default: of two, that is half.
  maxWorkers: '100%',
};

const ALL = 'test/**/*.test.ts';
/** They share the modules that they load, which takes longer than they do, and nothing that changes. */
const SYNTHESES = 'test/infra/**/*.test.ts';
const UNITS = 'test/functions/**/*.test.ts';

export default defineConfig({
  test: {
    maxWorkers: shared.maxWorkers,
    projects: [
      {
        test: { ...shared, name: 'tests', include: [ALL], exclude: [SYNTHESES, UNITS, '**/node_modules/**'] },
      },
      { test: { ...shared, name: 'units', include: [UNITS], isolate: false } },
      {
        test: {
          ...shared,
          name: 'syntheses',
          include: [SYNTHESES],
          setupFiles: [...shared.setupFiles, 'test/support/remove-syntheses.ts'],
          isolate: false,
        },
      },
    ],
  },
});
