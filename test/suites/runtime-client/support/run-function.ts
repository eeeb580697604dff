import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { inject } from 'vitest';
import { type Ending, type Invocation, type RuntimeApi, startRuntimeApi } from './runtime-api.ts';

export interface FunctionRun {
  readonly ending: Ending;
  /** All that the process printed. */
  readonly printed: string;
}

export interface FunctionProcess {
  /** The folder of the bundle. */
  readonly folder: string;
  /** All of the environment that is not Lambda's own. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Runs a bundle in the runtime client for one invocation, as a cold start. The process is then ended. */
export async function runFunction(
  { folder, environment }: FunctionProcess,
  invocation: Invocation,
): Promise<FunctionRun> {
  await using api = await startRuntimeApi();
  const child = spawn(process.execPath, [inject('runtimeClient'), 'index.handler'], {
    cwd: folder,
    env: { ...lambdaEnvironment(api, folder), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
  }
  try {
    const ending = await Promise.race([api.invoke(invocation), endedAlone(child, () => printed)]);
    return { ending, printed };
  } finally {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'close');
    }
  }
}

/** @throws Error when the process ends before it has answered */
async function endedAlone(child: ChildProcess, printed: () => string): Promise<never> {
  await once(child, 'close');
  throw new Error(`the function ended without an answer: ${printed().slice(-2_000)}`);
}

function lambdaEnvironment({ host }: RuntimeApi, folder: string): Record<string, string> {
  return {
    AWS_LAMBDA_RUNTIME_API: host,
    AWS_LAMBDA_FUNCTION_NAME: 'evertoken',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/evertoken',
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    LAMBDA_TASK_ROOT: folder,
    _HANDLER: 'index.handler',
    TZ: ':UTC',
  };
}
