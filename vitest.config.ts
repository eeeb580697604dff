import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/setup.ts'],
    testTimeout: 20_000,
    // Servers and functions end in a hook, which a busy machine gives little time.
    hookTimeout: 60_000,
    // Vitest leaves one core free by default: of two, that is half.
    maxWorkers: '100%',
  },
});
