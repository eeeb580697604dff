import type { CommandEntry } from './command-context.ts';
import { COMPLETE } from './completion/shells.ts';

/** Every command, in the order in which the help lists them. What one needs is loaded when it is asked for. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'init',
    summary: 'add a connection to connections.json',
    load: async () => (await import('./commands/init.ts')).initCommand,
  },
  {
    name: 'providers',
    summary: 'the provider presets, and what each needs',
    load: async () => (await import('./commands/providers.ts')).providersCommand,
  },
  {
    name: 'fit',
    summary: 'whether connections can be kept fresh, and how many',
    load: async () => (await import('./commands/fit.ts')).fitCommand,
  },
  {
    name: 'credentials',
    summary: 'store client credentials',
    load: async () => (await import('./commands/credentials-set.ts')).credentialsCommand,
  },
  {
    name: 'authorize',
    summary: 'sign in at the provider for a connection',
    load: async () => (await import('./commands/authorize.ts')).authorizeCommand,
  },
  {
    name: 'refresh-token',
    summary: 'take over a refresh token from elsewhere',
    load: async () => (await import('./commands/refresh-token-set.ts')).refreshTokenCommand,
  },
  {
    name: 'refresh',
    summary: 'refresh connections now',
    load: async () => (await import('./commands/refresh.ts')).refreshCommand,
  },
  {
    name: 'status',
    summary: 'how connections stand, and what needs you',
    load: async () => (await import('./commands/status.ts')).statusCommand,
  },
  {
    name: 'history',
    summary: 'what a connection came to of late',
    load: async () => (await import('./commands/history.ts')).historyCommand,
  },
  {
    name: 'logs',
    summary: 'what the functions logged of a connection',
    load: async () => (await import('./commands/logs.ts')).logsCommand,
  },
  {
    name: 'token',
    summary: 'print the access token, for scripts',
    load: async () => (await import('./commands/token.ts')).tokenCommand,
  },
  {
    name: 'revoke',
    summary: 'have the provider take the tokens back',
    load: async () => (await import('./commands/revoke.ts')).revokeCommand,
  },
  {
    name: 'pause',
    summary: 'leave connections alone until resumed',
    load: async () => (await import('./commands/pause.ts')).pauseCommand,
  },
  {
    name: 'resume',
    summary: 'refresh paused connections again',
    load: async () => (await import('./commands/resume.ts')).resumeCommand,
  },
  {
    name: 'remove',
    summary: 'forget a connection; its secrets stay',
    load: async () => (await import('./commands/remove.ts')).removeCommand,
  },
  {
    name: 'import',
    summary: 'declare many connections at once',
    load: async () => (await import('./commands/import.ts')).importCommand,
  },
  {
    name: 'jwks',
    summary: 'print the public keys of what connections sign with',
    load: async () => (await import('./commands/jwks.ts')).jwksCommand,
  },
  {
    name: 'doctor',
    summary: 'find what is wrong, and the remedy',
    load: async () => (await import('./commands/doctor.ts')).doctorCommand,
  },
  {
    name: 'completion',
    summary: 'print what completes words in bash, zsh or fish',
    load: async () => (await import('./commands/completion.ts')).completionCommand,
  },
  {
    name: COMPLETE,
    summary: 'what may stand at the end of a line',
    hidden: true,
    load: async () => (await import('./commands/complete.ts')).createCompleteCommand(COMMANDS),
  },
];
