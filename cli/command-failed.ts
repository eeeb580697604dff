import { EXIT, type ExitCode } from './exit-code.ts';

/** A command came to nothing. The message is for the person who gave it: what went wrong, and what to do. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What was asked for cannot be done as it was asked. */
export class WrongUsage extends CommandFailed {
  constructor(message: string) {
    super(message, EXIT.wrongUsage);
  }
}
