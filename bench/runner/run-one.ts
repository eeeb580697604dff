/** The process of one benchmark: node bench/runner/run-one.ts NAME short|full, forked by `run-apart.ts`. */
import { loadBenchmark } from './benchmark-names.ts';
import type { Message } from './run-apart.ts';

const say = (message: Message) => new Promise((resolve) => process.send?.(message, resolve));
const [name = '', form] = process.argv.slice(2);
try {
  const benchmark = await loadBenchmark(name);
  const progress = (text: string) => void say({ progress: text });
  await say({ figures: await benchmark.run({ full: form === 'full', progress }) });
} catch (error) {
  await say({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}
// A server or a socket that a benchmark left open must not keep the others waiting.
process.exit();
