import { createRequire } from 'node:module';
import { brotliCompressSync } from 'node:zlib';
import type { Plugin } from 'esbuild';

const require = createRequire(import.meta.url);

/** What of undici a single request over HTTP/1.1 with a body of text never comes to, and what is there in its place. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  // Every processor that Lambda has can do SIMD.
  'llhttp/llhttp-wasm.js': "throw new Error('undici: this processor cannot do SIMD')",
  'dispatcher/client-h2.js': "module.exports = () => { throw new Error('undici: HTTP/2 is left out') }",
  'web/fetch/body.js': "throw new Error('undici: bodies of forms are left out')",
  'web/fetch/formdata.js': "throw new Error('undici: bodies of forms are left out')",
  'web/webidl/index.js': "throw new Error('undici: bodies of forms are left out')",
};

/** The parser of HTTP in WebAssembly, whose text is as long as all the rest of the client. */
const PARSER = 'llhttp/llhttp_simd-wasm.js';

const MODULE = /[\\/]undici[\\/]lib[\\/](.+\.js)$/;

/** Bundles undici's client without what it loads for requests that are none of ours, and its parser packed. */
export const undiciClient: Plugin = {
  name: 'undici-client',
  setup({ onLoad }) {
    onLoad({ filter: MODULE }, ({ path }) => {
      const name = (MODULE.exec(path)?.[1] ?? '').replaceAll('\\', '/');
      const contents = name === PARSER ? packed(require(path)) : LEFT_OUT[name];
      return contents === undefined ? undefined : { contents, loader: 'js' };
    });
  },
};

/** A module that unpacks the bytes as it loads, in half a millisecond, which is before anything is sent. */
function packed(bytes: Uint8Array): string {
  const text = brotliCompressSync(bytes).toString('base64');
  return `module.exports = require('node:zlib').brotliDecompressSync(Buffer.from('${text}', 'base64'))`;
}
