import { systemClock } from '../../functions/handlers/system-clock.ts';

/** Ended by a signal, as a shell counts it: 128 and SIGINT's number. */
const INTERRUPTED = 130;

/**
 * What ends a run: Ctrl-C or SIGTERM, a reader of the output that has gone, or the time that was given.
 * A second signal ends the process at once.
 */
export function awaitEndOfRun(process: NodeJS.Process) {
  const ending = new AbortController();
  const end = () => {
    if (ending.signal.aborted) process.exit(INTERRUPTED);
    ending.abort();
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    ending.abort();
  });
  return {
    /** Resolves at the end, `seconds` from now at the latest. */
    within: (seconds: number | undefined): Promise<void> =>
      seconds === undefined ? aborted(ending.signal) : systemClock.sleep(seconds * 1000, ending.signal),
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
