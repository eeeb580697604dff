import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** What a process took. */
export interface TimedRun {
  readonly wallMs: number;
  /** Of the process itself, not of those that it starts. */
  readonly cpuMs: number;
}

const TELL = `
import { writeSync } from 'node:fs';
process.on('exit', () => { const { user, system } = process.cpuUsage(); writeSync(3, String(user + system)); });
`;

/** Runs Node to its end. @throws Error with what it wrote, when it fails */
export async function timeNode(
  nodeArguments: readonly string[],
  options: { readonly cwd: string; readonly environment?: Readonly<Record<string, string>> },
): Promise<TimedRun> {
  const startedMs = performance.now();
  const child = spawn(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(TELL)}`, ...nodeArguments],
    {
      cwd: options.cwd,
      env: { ...process.env, ...options.environment },
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    },
  );
  const [complained, cpu, [code]] = await Promise.all([
    text(child.stderr as Readable),
    text(child.stdio[3] as Readable),
    once(child, 'exit'),
  ]);
  if (code !== 0) throw new Error(`node ${nodeArguments.join(' ')} failed: ${complained}`);
  return { wallMs: performance.now() - startedMs, cpuMs: Number(cpu) / 1000 };
}

/** Modules of aws-cdk-lib that are most of what the constructs load. */
const LOADED = [
  'core',
  'aws-lambda',
  'aws-dynamodb',
  'aws-secretsmanager',
  'aws-cloudwatch',
  'aws-scheduler',
];

/** The yardstick of what loads much: the constructs of CDK, imported by a process that does nothing else. */
export function timeYardstick(cwd: string): Promise<TimedRun> {
  const script = LOADED.map((name) => `await import('aws-cdk-lib/${name}');`).join('');
  return timeNode(['--input-type=module', '-e', script], { cwd });
}
