/** What the command's exit code says. */
export const EXIT = { done: 0, failed: 1, wrongUsage: 2, needsHuman: 3 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
