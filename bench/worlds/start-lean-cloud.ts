import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface LeanCloudOptions {
  /** Before each answer. */
  readonly latencyMs: number;
  /** How many are due. */
  readonly connections: number;
  readonly rotating: boolean;
  /** How many connections share one client's credentials. */
  readonly sharedBy: number;
  readonly origins: number;
}

/** The other side, while it runs. */
export interface LeanCloud extends AsyncDisposable {
  readonly endpoint: string;
  readonly origins: readonly string[];
  /** From now on so many are due; answers with what was called until now, by operation. */
  reset(connections: number): Promise<Readonly<Record<string, number>>>;
}

export const nameOf = (index: number) => `c-${index}`;

export const originOf = (origins: readonly string[], index: number): string =>
  origins[index % origins.length] ?? '';

export async function startLeanCloud(options: LeanCloudOptions): Promise<LeanCloud> {
  const file = fileURLToPath(new URL('lean-cloud.ts', import.meta.url));
  const child: ChildProcess = fork(file, [JSON.stringify(options)], { stdio: 'inherit' });
  const [{ endpoint, origins }] = await once(child, 'message');
  return {
    endpoint,
    origins,
    async reset(connections) {
      child.send({ connections });
      const [{ calls }] = await once(child, 'message');
      return calls;
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await once(child, 'exit');
    },
  };
}
