/** How this command was called, so that what it says to type next can be typed. */
export function ownName(env: Readonly<Record<string, string | undefined>>): string {
  if (env['npm_lifecycle_event'] === 'evertoken') return 'npm run -s evertoken --';
  return env['npm_command'] === 'exec' ? 'npx evertoken' : 'evertoken';
}
