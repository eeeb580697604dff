import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { assembleBundle } from '../../infra/assemble-bundle.ts';
import { buildBundles } from '../../infra/build-bundles.ts';
import { PRESETS_FOLDER, repositoryRoot } from '../../infra/handler-bundle.ts';
import { LOCAL_REGION } from '../../local/endpoint-clients.ts';
import { startCold } from '../cold/cold-process.ts';
import { type LeanCloudOptions, startLeanCloud } from '../worlds/start-lean-cloud.ts';

const HANDLER = 'refresh-due';
const MEGABYTE = 2 ** 20;
/** So much of the function's 512 MB is left to the heap of old objects. */
const HEAP = '--max-old-space-size=460';
/** The most that a deployment may configure. */
const WRITES_PER_SECOND = '50';

/** Of which a tick works for a minute: it has taken up all that is due by then. */
const FUNCTION_MS = 135_000;

export interface TickMemoryOptions extends LeanCloudOptions {
  /** Megabytes of a half of V8's young generation at most. Default: V8's own choice */
  readonly semiSpaceMegabytes?: number;
}

export interface TickMemory {
  readonly megabytes: number;
  readonly refreshed: number;
}

/**
 * What the deployed bundle takes at most in its first tick, with so many due when it begins: as many as it has time for
 * are refreshed.
 */
export async function tickMemory({ semiSpaceMegabytes, ...options }: TickMemoryOptions): Promise<TickMemory> {
  const folder = await mkdtemp(join(tmpdir(), 'evertoken-bundle-'));
  await using cloud = await startLeanCloud(options);
  try {
    const root = repositoryRoot();
    const bundles = join(folder, 'all');
    await buildBundles(root, bundles);
    assembleBundle({ bundles, presets: join(root, PRESETS_FOLDER) }, HANDLER, join(folder, HANDLER));
    const { peakMb, answer } = await startCold({
      file: join(folder, HANDLER, 'index.mjs'),
      environment: environmentOf(cloud.endpoint, cloud.origins),
      event: {},
      nodeArguments: [HEAP, ...(semiSpaceMegabytes ? [`--max-semi-space-size=${semiSpaceMegabytes}`] : [])],
      functionMs: FUNCTION_MS,
    });
    const { outcomes } = answer as { readonly outcomes: Readonly<Record<string, number>> };
    return { megabytes: peakMb, refreshed: outcomes['refreshed'] ?? 0 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** As a deployed function has it. */
function environmentOf(endpoint: string, origins: readonly string[]): Record<string, string> {
  return {
    AWS_REGION: LOCAL_REGION,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_LAMBDA_FUNCTION_NAME: HANDLER,
    AWS_LAMBDA_LOG_LEVEL: 'INFO',
    EVERTOKEN_STATE_TABLE: 'evertoken-state',
    EVERTOKEN_ALLOWED_TOKEN_ORIGINS: origins.join(' '),
    EVERTOKEN_SECRET_WRITES_PER_SECOND: WRITES_PER_SECOND,
  };
}

/** What Node alone takes. Not the most that its process ever had: that counts what it was forked of, too. */
export async function ownMemory(): Promise<number> {
  const script = 'console.log(process.memoryUsage.rss())';
  const { stdout } = await promisify(execFile)(process.execPath, [HEAP, '-e', script]);
  return Number(stdout) / MEGABYTE;
}
