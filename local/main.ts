import { CommandFailed } from '../cli/command-failed.ts';
import { EXIT } from '../cli/exit-code.ts';
import { isPromptEnded } from '../cli/prompts.ts';
import { inertLines } from '../functions/text/inert.ts';
import { parseArguments } from './arguments.ts';
import type { LocalOptions } from './options.ts';

const parsed = parseArguments(process.argv.slice(2));
switch (parsed.kind) {
  case 'help':
    process.stdout.write(parsed.text);
    break;
  case 'wrong-usage':
    process.exitCode = complain(parsed.message, EXIT.wrongUsage);
    break;
  case 'run':
    process.exitCode = await start(parsed.options).catch((error) => explain(error, parsed.options));
}

/** What it takes to run is loaded last: help and mistakes, those in files too, are answered at once. */
async function start(options: LocalOptions): Promise<number> {
  const { connectionsFile, credentialsFile } = options;
  const { readOwn } = await import('./own/read-own.ts');
  const own = connectionsFile === undefined ? undefined : await readOwn(connectionsFile, credentialsFile);
  const { run } = await import('./run.ts');
  return run(options, own);
}

function explain(error: unknown, { port }: LocalOptions): number {
  if (error instanceof CommandFailed) return complain(error.message, error.exitCode);
  if (isPromptEnded(error)) return complain('Given up; nothing was started.', EXIT.failed);
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
    return complain(`port ${port} is in use; choose another with --port, or 0 for any free one`, EXIT.failed);
  }
  return complain(error instanceof Error ? error.message : String(error), EXIT.failed);
}

function complain(message: string, exitCode: number): number {
  process.stderr.write(`${inertLines(message)}\n`);
  return exitCode;
}
