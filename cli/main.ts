#!/usr/bin/env node
import { systemClock, systemRandom } from '../functions/handlers/system-clock.ts';
import { COMMANDS } from './commands.ts';
import { runCli } from './run-cli.ts';

const INTERRUPTED = 130;

const interruption = new AbortController();
process.on('SIGINT', () => {
  // Once lets what is under way settle; twice does not.
  if (interruption.signal.aborted) process.exit(INTERRUPTED);
  interruption.abort();
});
// Whoever reads the output may have seen enough, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

process.exitCode = await runCli(
  process.argv.slice(2),
  {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    clock: systemClock,
    random: systemRandom,
    signal: interruption.signal,
  },
  COMMANDS,
);
