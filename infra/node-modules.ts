import { isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';

const NAMESPACE = 'modules-of-node';
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/**
 * Bundles of Node's own modules the names that are used. For an `import` Node makes a namespace of all that a module
 * has, and loads for it what it would load when that is first used: for `node:util` a printer of differences, colours
 * and the stream of errors.
 */
export const nodeModules: Plugin = {
  name: 'node-modules',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[a-z_:/]+$/ }, ({ path, kind }) => {
      if (kind !== 'import-statement' || !isBuiltin(path)) return undefined;
      return { path: path.replace(/^node:/, ''), namespace: NAMESPACE, sideEffects: false };
    });
    onLoad({ filter: /./, namespace: NAMESPACE }, ({ path }) => ({ contents: namesOf(path) }));
  },
};

/** A module that has each by itself, so that what nobody uses is left out. */
function namesOf(path: string): string {
  const found = process.getBuiltinModule(path) as object;
  const names = Object.keys(found).filter((name) => IDENTIFIER.test(name) && name !== 'default');
  return [
    `const found = /* @__PURE__ */ process.getBuiltinModule('node:${path}');`,
    'export default found;',
    ...names.map((name, at) => `const _${at} = /* @__PURE__ */ (() => found.${name})();`),
    `export { ${names.map((name, at) => `_${at} as ${name}`).join(', ')} };`,
  ].join('\n');
}
