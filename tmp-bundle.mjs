import { build } from 'esbuild';
import { cpSync } from 'node:fs';
const REQUIRE="import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";
for (const [dir, external] of [['all',[]],['own',undefined]]) {
 const r = await build({ entryPoints:['cli/main.ts'], outdir:`/tmp/w/bench/dist/try-${dir}/`, splitting:true, outExtension:{'.js':'.mjs'}, chunkNames:'chunk-[hash]', bundle:true, minify:true, keepNames:true, platform:'node', target:'node24', format:'esm', mainFields:['module','main'], banner:{js:REQUIRE}, logLevel:'warning', metafile:true, ...(external?{external}:{packages:'external'}) });
 const outs=Object.entries(r.metafile.outputs); console.log(dir, outs.length, 'files', outs.reduce((a,[,o])=>a+o.bytes,0)/1024|0,'KB; main', (outs.find(([k])=>/main/.test(k))[1].bytes/1024)|0);
}
