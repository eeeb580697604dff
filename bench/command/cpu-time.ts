import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Spent {
  /** User and system together, of the process and all that it waited for. */
  readonly cpuMs: number;
  readonly wallMs: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What a command costs to its end, by the shell's own `time`: Node tells nothing of what its children used.
 * @throws Error when it ends with another exit code than 0
 */
export async function cpuTime(command: readonly string[], env: Environment = process.env): Promise<Spent> {
  const script = `TIMEFORMAT='%3U %3S %3R'; time "$@" >/dev/null`;
  const { stderr } = await run('bash', ['-c', script, 'bench', ...command], { env: { ...env, LC_ALL: 'C' } });
  const [user = 0, system = 0, wall = 0] = stderr
    .trim()
    .split(/\s+/)
    .slice(-3)
    .map((seconds) => Number(seconds) * 1000);
  return { cpuMs: user + system, wallMs: wall };
}

/** Whether the machine has a program of that name which runs. */
export async function hasProgram(name: string): Promise<boolean> {
  try {
    await run(name, ['--version']);
    return true;
  } catch {
    return false;
  }
}
