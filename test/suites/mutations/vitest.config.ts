import { resolve } from 'node:path';
import { defineConfig, mergeConfig } from 'vitest/config';
import base from '../../../vitest.config.ts';
import { MUTATIONS } from './mutations.ts';

const mutation = MUTATIONS.find(({ name }) => name === process.env['MUTATION']);
if (!mutation) throw new Error('MUTATION must name a mutation');
const mutated = resolve(mutation.file);

/** The suite with one source file read as if a safeguard had been taken out of it. */
export default mergeConfig(
  base,
  defineConfig({
    plugins: [
      {
        name: 'mutation',
        enforce: 'pre',
        transform: (code, id) =>
          id.split('?')[0] === mutated ? code.replace(mutation.find, () => mutation.replace) : undefined,
      },
    ],
    // A transformed file must not outlive its mutation.
    test: { fsModuleCache: false, exclude: ['**/interleavings.test.ts', '**/node_modules/**'] },
  }),
);
