import { defineConfig } from 'vitest/config';
import { shared } from '../../../vitest.config.ts';

// What holds for the project's own tests, for the files beside this one, which must fail.
export default defineConfig({ test: { ...shared, include: ['test/support/leaks/*.leak.ts'] } });
