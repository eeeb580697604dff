import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type LeanCloudOptions, startLeanCloud } from '../worlds/start-lean-cloud.ts';

const CHILD = fileURLToPath(new URL('tick-process.ts', import.meta.url));
const MEGABYTE = 2 ** 20;
/** As the function is deployed: so long it may take, */
const FUNCTION_MS = 300_000;
/** and so much of its 512 MB Lambda leaves to the heap of old objects. */
const HEAP = '--max-old-space-size=460';

export interface TickMemory {
  readonly megabytes: number;
  readonly refreshed: number;
}

/** What the process of one tick takes at most, with so many due when it begins: as many as it has time for are refreshed. */
export async function tickMemory(options: LeanCloudOptions): Promise<TickMemory> {
  await using cloud = await startLeanCloud(options);
  const { endpoint, origins } = cloud;
  const child = fork(CHILD, [JSON.stringify({ endpoint, origins, functionMs: FUNCTION_MS })], {
    execArgv: [HEAP],
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  const end = () => child.kill();
  process.once('exit', end);
  const [{ bytes, refreshed }] = await once(child, 'message');
  process.off('exit', end);
  return { megabytes: bytes / MEGABYTE, refreshed };
}

/** What Node alone takes at most. */
export async function ownMemory(): Promise<number> {
  const script = 'console.log(process.resourceUsage().maxRSS * 1024)';
  const { stdout } = await promisify(execFile)(process.execPath, [HEAP, '-e', script]);
  return Number(stdout) / MEGABYTE;
}
