import { HELP, type LocalOptions, parseArguments } from './arguments.ts';
import { WrongUsage } from './wrong-usage.ts';

const FAILED = 1;
const WRONG_USAGE = 2;

const parsed = parseArguments(process.argv.slice(2));
switch (parsed.kind) {
  case 'help':
    process.stdout.write(HELP);
    break;
  case 'wrong-usage':
    process.exitCode = complain(parsed.message, WRONG_USAGE);
    break;
  case 'run': {
    // Loaded only now: help and mistakes are answered at once.
    const { run } = await import('./run.ts');
    process.exitCode = await run(parsed.options).catch((error) => explain(error, parsed.options));
  }
}

function explain(error: unknown, { port }: LocalOptions): number {
  if (error instanceof WrongUsage) return complain(error.message, WRONG_USAGE);
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
    return complain(`port ${port} is in use; choose another with --port, or 0 for any free one`, FAILED);
  }
  return complain(error instanceof Error ? error.message : String(error), FAILED);
}

function complain(message: string, exitCode: number): number {
  process.stderr.write(`${message}\n`);
  return exitCode;
}
