import { defineConfig, mergeConfig } from 'vitest/config';
import project from '../../../vitest.config.ts';

// The project's own configuration, for the files beside this one, which must fail.
const config = mergeConfig(project, defineConfig({}));
export default { ...config, test: { ...config.test, include: ['test/support/leaks/*.leak.ts'] } };
