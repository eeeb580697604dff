import { defineConfig } from 'vitest/config';

/** What somebody who installs the package gets. Builds it first; fetches its dependencies. */
export default defineConfig({
  test: {
    include: ['test/suites/package/*.package.ts'],
    setupFiles: ['test/support/setup.ts'],
    reporters: ['verbose'],
    testTimeout: 120_000,
    hookTimeout: 600_000,
    // Each is a compiler that takes a core.
    maxConcurrency: 2,
    fileParallelism: false,
  },
});
