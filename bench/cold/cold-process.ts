import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** What one process came to, from its start. */
export interface ColdRun {
  /** From the start of the process, which is the same for every bundle. */
  readonly totalMs: number;
  readonly importMs: number;
  readonly callMs: number;
  /** Of all threads, the start of Node among it. */
  readonly cpuMs: number;
  readonly peakMb: number;
  /** When it was started, nanoseconds of the machine's clock. */
  readonly startedNs: bigint;
}

export interface ColdStart {
  /** The bundle's entry. */
  readonly file: string;
  /** All of its environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** What its handler is called with. Absent: it is only loaded. */
  readonly event?: unknown;
  /** Options of Node. Default none. */
  readonly nodeArguments?: readonly string[];
  /** So long the function may take, in milliseconds. Default five minutes. */
  readonly functionMs?: number;
}

/** In JavaScript: nothing is measured but Node and the bundle. */
const RUNNER = `
const [, file, functionMs, event] = process.argv;
const startMs = performance.now();
const { handler } = await import(file);
const loadedMs = performance.now();
const context = {
  functionName: 'cold', functionVersion: '1', memoryLimitInMB: '512', awsRequestId: 'cold',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:cold',
  getRemainingTimeInMillis: () => Number(functionMs),
};
const answer = event === undefined ? undefined : await handler(JSON.parse(event), context);
const endMs = performance.now();
const endNs = String(process.hrtime.bigint());
const { user, system } = process.cpuUsage();
const { maxRSS } = process.resourceUsage();
const result = { startMs, loadedMs, endMs, endNs, cpu: user + system, maxRSS, answer };
(await import('node:fs')).writeSync(3, JSON.stringify(result));
process.exit();
`;

interface Told {
  readonly startMs: number;
  readonly loadedMs: number;
  readonly endMs: number;
  readonly endNs: string;
  readonly cpu: number;
  readonly maxRSS: number;
  readonly answer: unknown;
}

/** Loads a bundle, and calls its handler once, in a process of its own. @throws Error with what it wrote, when it fails */
export async function startCold(start: ColdStart): Promise<ColdRun & { readonly answer: unknown }> {
  const { file, environment, event, nodeArguments = [], functionMs = 300_000 } = start;
  const startedNs = process.hrtime.bigint();
  const child = spawn(
    process.execPath,
    [
      ...nodeArguments,
      ...['--input-type=module', '-e', RUNNER, `file://${file}`, String(functionMs)],
      ...(event === undefined ? [] : [JSON.stringify(event)]),
    ],
    { env: environment, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] },
  );
  const [told, printed, complained] = await Promise.all([
    text(child.stdio[3] as Readable),
    text(child.stdout as Readable),
    text(child.stderr as Readable),
    once(child, 'exit'),
  ]);
  if (told === '') throw new Error(`${file} came to nothing: ${printed}${complained}`);
  const { startMs, loadedMs, endMs, endNs, cpu, maxRSS, answer } = JSON.parse(told) as Told;
  return {
    totalMs: Number(BigInt(endNs) - startedNs) / 1e6,
    importMs: loadedMs - startMs,
    callMs: endMs - loadedMs,
    cpuMs: cpu / 1000,
    peakMb: maxRSS / 1024,
    startedNs,
    answer,
  };
}
