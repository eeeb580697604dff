/** What the command costs before and beside its calls to AWS, in CPU time: what is published, and from source. */
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { KEPT_OUTCOMES } from '../functions/refresh/ports/history.ts';
import { LOCAL_REGION } from '../local/endpoint-clients.ts';
import type { Benchmark, BenchmarkOptions, Figure } from './benchmark.ts';
import { cpuTime, hasProgram, type Spent } from './command/cpu-time.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const ENDPOINT = join(ROOT, 'bench/command/status-endpoint.ts');
const ROUNDS = { short: 5, full: 31 };
/** By the namespace that they lie in: how many connections, and of each how many outcomes. */
const FLEETS = {
  few: { connections: 3, outcomes: 0 },
  many: { connections: 1_000, outcomes: 0 },
  /** As after some days: whoever scans the table passes the outcomes, too. */
  aged: { connections: 1_000, outcomes: KEPT_OUTCOMES },
};
const FORMS = { short: ['few', 'many'], full: ['few', 'many', 'aged'] } as const;
type FleetName = keyof typeof FLEETS;

/** Between runs of one build on one busy machine the ratios differ by half of it. */
const TOLERANCE = 0.6;
const HELP_GOAL_MS = 150;

const BARE = 'node -e 0';

export default {
  about:
    'CPU time of the command, for its help and its status, beside the bare start of Node and of other commands.',
  async run({ full, progress }) {
    progress('builds what is published');
    await promisify(execFile)(process.execPath, ['build/main.ts'], { cwd: ROOT });
    const fleets = FORMS[full ? 'full' : 'short'];
    progress('fills a state table');
    await using endpoint = await startEndpoint(fleets);
    const commands = await measured(progress);
    const spent = new Map<string, Spent[]>();
    const rounds = full ? ROUNDS.full : ROUNDS.short;
    for (let round = 1; round <= rounds; round += 1) {
      progress(`round ${round} of ${rounds}`);
      for (const [name, command] of commands) {
        spent.set(name, [...(spent.get(name) ?? []), await cpuTime(command, endpoint.env)]);
      }
    }
    return [...ratios(spent), ...(await calls(endpoint, fleets)), ...times(spent)];
  },
} satisfies Benchmark;

/** By the name that its figures have. */
async function measured(
  progress: BenchmarkOptions['progress'],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { execPath } = process;
  const built = [execPath, join(ROOT, 'dist/cli/main.js')];
  const source = [execPath, join(ROOT, 'cli/main.ts')];
  const commands = new Map([
    [BARE, [execPath, '-e', '0']],
    ['--help', [...built, '--help']],
    ['status --help', [...built, 'status', '--help']],
    ['completion bash', [...built, 'completion', 'bash']],
    ['status, 3 connections', [...built, 'status', '--namespace', 'few']],
    ['status, 1,000 connections', [...built, 'status', '--namespace', 'many']],
    ['--help, from source', [...source, '--help']],
    ['status, 3 connections, from source', [...source, 'status', '--namespace', 'few']],
  ]);
  for (const program of ['aws', 'gh']) {
    if (await hasProgram(program)) commands.set(`${program} --version`, [program, '--version']);
    else progress(`${program} is not on this machine: left out`);
  }
  return commands;
}

/** Of what is published alone: nobody but who works on it starts from source. */
function ratios(spent: ReadonlyMap<string, readonly Spent[]>): Figure[] {
  const bare = cpuOf(spent.get(BARE));
  return [
    '--help',
    'status --help',
    'completion bash',
    'status, 3 connections',
    'status, 1,000 connections',
  ].map((name) => ({
    name: `${name}: CPU, ${BARE} = 1`,
    value: cpuOf(spent.get(name)) / bare,
    unit: 'ratio',
    tolerance: TOLERANCE,
  }));
}

function times(spent: ReadonlyMap<string, readonly Spent[]>): Figure[] {
  return [...spent].map(([name, all]) => ({
    name: `${name}: CPU`,
    value: cpuOf(all),
    unit: 'ms',
    ...(name === '--help' && { goal: HELP_GOAL_MS }),
  }));
}

async function calls({ env, callsSince }: Endpoint, fleets: readonly FleetName[]): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const fleet of fleets) {
    await callsSince();
    await cpuTime([process.execPath, join(ROOT, 'dist/cli/main.js'), 'status', '--namespace', fleet], env);
    const { connections, outcomes } = FLEETS[fleet];
    const many = connections.toLocaleString('en');
    const name = `status, ${many} connections${outcomes > 0 ? ` with ${outcomes} outcomes each` : ''}: calls to AWS`;
    figures.push({ name, value: (await callsSince()).length, unit: 'count', tolerance: 0 });
  }
  return figures;
}

function cpuOf(all: readonly Spent[] = []): number {
  const sorted = all.map(({ cpuMs }) => cpuMs).sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

interface Endpoint extends AsyncDisposable {
  /** With which the command reaches it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Operations called since this was asked last. */
  callsSince(): Promise<readonly string[]>;
}

async function startEndpoint(fleets: readonly FleetName[]): Promise<Endpoint> {
  const namespaces = fleets.map((name) => `${name}=${FLEETS[name].connections},${FLEETS[name].outcomes}`);
  const child = fork(ENDPOINT, namespaces, { cwd: ROOT });
  const answer = async () => (await once(child, 'message'))[0];
  const url: string = await answer();
  return {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      AWS_ENDPOINT_URL: url,
      AWS_REGION: LOCAL_REGION,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    },
    async callsSince() {
      const answered = answer();
      child.send('calls');
      return answered;
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await once(child, 'exit');
    },
  };
}
