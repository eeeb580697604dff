import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Figure } from '../benchmark.ts';
import { checkedFigures } from './recorded-figures.ts';

/** What the process of a benchmark says: any number of times how far it is, and how it ended. */
export type Message =
  | { readonly progress: string }
  | { readonly figures: readonly Figure[] }
  | { readonly error: string };

export interface ApartOptions {
  readonly full: boolean;
  readonly progress: (text: string) => void;
}

const CHILD = fileURLToPath(new URL('./run-one.ts', import.meta.url));

/**
 * Runs a benchmark in a process of its own, so that none disturbs the memory, the caches or the compiled code of
 * another. What it prints goes to stderr.
 * @throws Error with what the benchmark threw, or how its process ended
 */
export function runApart(name: string, { full, progress }: ApartOptions): Promise<Figure[]> {
  return new Promise((resolve, reject) => {
    const child = fork(CHILD, [name, full ? 'full' : 'short'], {
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    // Whoever ends this process does not mean to leave the other behind.
    const end = () => child.kill();
    process.once('exit', end);
    let figures: readonly Figure[] | undefined;
    let problem: string | undefined;
    child.on('message', (message: Message) => {
      if ('progress' in message) progress(message.progress);
      else if ('error' in message) problem = message.error;
      else figures = message.figures;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      process.off('exit', end);
      try {
        if (problem !== undefined) throw new Error(problem);
        if (figures === undefined)
          throw new Error(`its process ended without figures (${signal ?? `exit code ${code}`})`);
        resolve(checkedFigures(figures));
      } catch (error) {
        reject(error);
      }
    });
  });
}
