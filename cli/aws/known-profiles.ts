import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The profiles of the AWS configuration files. A file that is not there has none; `undefined` where one is there and
 * cannot be read, so that nobody knows.
 */
export async function knownProfiles(
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[] | undefined> {
  const folder = join(env['HOME'] || homedir(), '.aws');
  const files = [
    [env['AWS_CONFIG_FILE'] || join(folder, 'config'), /^\s*\[\s*(?:profile\s+)?([^\]]+?)\s*\]/gm],
    [env['AWS_SHARED_CREDENTIALS_FILE'] || join(folder, 'credentials'), /^\s*\[\s*([^\]]+?)\s*\]/gm],
  ] as const;
  const found = new Set<string>();
  for (const [file, section] of files) {
    const text = await textOf(file);
    if (text === undefined) return undefined;
    for (const { 1: name = '' } of text.matchAll(section)) {
      if (!/^(?:sso-session|services)\s/.test(name)) found.add(unquoted(name));
    }
  }
  return [...found];
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? '' : undefined;
  }
}

/** A name with a space in it stands in quotes. */
function unquoted(name: string): string {
  return name.replace(/^(["'])(.*)\1$/, '$2');
}
