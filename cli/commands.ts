import type { CommandModule } from './command-context.ts';
import { authorizeCommand } from './commands/authorize.ts';
import { credentialsCommand } from './commands/credentials-set.ts';
import { doctorCommand } from './commands/doctor.ts';
import { historyCommand } from './commands/history.ts';
import { importCommand } from './commands/import.ts';
import { initCommand } from './commands/init.ts';
import { jwksCommand } from './commands/jwks.ts';
import { pauseCommand } from './commands/pause.ts';
import { providersCommand } from './commands/providers.ts';
import { refreshCommand } from './commands/refresh.ts';
import { refreshTokenCommand } from './commands/refresh-token-set.ts';
import { removeCommand } from './commands/remove.ts';
import { resumeCommand } from './commands/resume.ts';
import { revokeCommand } from './commands/revoke.ts';
import { statusCommand } from './commands/status.ts';
import { tokenCommand } from './commands/token.ts';

/** Every command, in the order in which the help lists them. */
export const COMMANDS: readonly CommandModule[] = [
  initCommand,
  providersCommand,
  credentialsCommand,
  authorizeCommand,
  refreshTokenCommand,
  refreshCommand,
  statusCommand,
  historyCommand,
  tokenCommand,
  revokeCommand,
  pauseCommand,
  resumeCommand,
  removeCommand,
  importCommand,
  jwksCommand,
  doctorCommand,
];
