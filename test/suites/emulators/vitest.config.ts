import { defineConfig } from 'vitest/config';

/** What other people's stand-ins for AWS say of this project. Needs Python, and the network the first time. */
export default defineConfig({
  test: {
    include: ['test/suites/emulators/**/*.emulator.ts'],
    globalSetup: ['test/suites/emulators/support/python-packages.ts'],
    setupFiles: ['test/support/setup.ts'],
    // Says which rows are left out, and why.
    reporters: ['verbose'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: '100%',
  },
});
