import { join, relative } from 'node:path';
import type { Plugin } from 'esbuild';
import { HANDLERS_FOLDER } from './handler-bundle.ts';

const NAMESPACE = 'on-demand';
/** With these every handler begins. */
const BEGINNING = ['chain', 'composition'];

/**
 * Bundles what every handler begins with as one file. For each set of modules that share something a file is made, and
 * what is loaded on demand shares with all, so that a start would read two dozen. So what is loaded on demand imports
 * that beginning, too, which is there by then.
 * @param root the root of the repository
 */
export function sharedBeginning(root: string): Plugin {
  const beginning = BEGINNING.map((name) => join(root, HANDLERS_FOLDER, `${name}.ts`));
  return {
    name: 'shared-beginning',
    setup({ onResolve, onLoad, resolve }) {
      onResolve({ filter: /./ }, async ({ path, kind, resolveDir, importer, pluginData }) => {
        if (kind !== 'dynamic-import' || pluginData === NAMESPACE) return undefined;
        const found = await resolve(path, { kind, resolveDir, importer, pluginData: NAMESPACE });
        if (found.external || found.errors.length > 0) return found;
        // By where it lies in the repository, on which the names of files depend.
        return { path: relative(root, found.path), namespace: NAMESPACE };
      });
      onLoad({ filter: /./, namespace: NAMESPACE }, ({ path }) => ({
        contents: [...beginning.map(imported), `export * from ${JSON.stringify(join(root, path))};`].join(
          '\n',
        ),
        resolveDir: root,
      }));
    },
  };
}

const imported = (file: string) => `import ${JSON.stringify(file)};`;
