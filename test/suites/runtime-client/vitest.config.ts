import { defineConfig } from 'vitest/config';

/** The bundles in AWS's own runtime client. Needs a C++ compiler, and the network the first time. */
export default defineConfig({
  test: {
    include: ['test/suites/runtime-client/**/*.runtime.ts'],
    globalSetup: ['test/suites/runtime-client/support/install.ts'],
    setupFiles: ['test/support/setup.ts'],
    // Says why the rows are left out, where they are.
    reporters: ['verbose'],
    testTimeout: 60_000,
  },
});
