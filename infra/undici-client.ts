import type { Plugin } from 'esbuild';

/** What of undici a single request over HTTP/1.1 with a body of text never comes to, and what is there in its place. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  // Every processor that Lambda has can do SIMD.
  'llhttp/llhttp-wasm.js': "throw new Error('undici: this processor cannot do SIMD')",
  'dispatcher/client-h2.js': "module.exports = () => { throw new Error('undici: HTTP/2 is left out') }",
  'web/fetch/body.js': "throw new Error('undici: bodies of forms are left out')",
  'web/fetch/formdata.js': "throw new Error('undici: bodies of forms are left out')",
  'web/webidl/index.js': "throw new Error('undici: bodies of forms are left out')",
};

const MODULE = /[\\/]undici[\\/]lib[\\/](.+\.js)$/;

/** Bundles undici's client without what it loads for requests that are none of ours: half of it. */
export const undiciClient: Plugin = {
  name: 'undici-client',
  setup({ onLoad }) {
    onLoad({ filter: MODULE }, ({ path }) => {
      const contents = LEFT_OUT[(MODULE.exec(path)?.[1] ?? '').replaceAll('\\', '/')];
      return contents === undefined ? undefined : { contents, loader: 'js' };
    });
  },
};
