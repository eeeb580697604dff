import { mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataDirectory } from './endpoint.ts';

/**
 * Opens a directory for one endpoint at a time, created with mode 0700 where it does not exist.
 * @throws Error when others may read it, or another endpoint uses it
 */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const { mode } = await stat(path);
  // Windows keeps no such bits.
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new Error(`${path} holds secrets and is open to other users. Run: chmod 700 ${path}`);
  }
  const lock = join(path, 'in-use');
  await takeLock(lock, path);
  return { fileNamed: (name) => join(path, name), release: () => rm(lock, { force: true }) };
}

async function takeLock(lock: string, path: string): Promise<void> {
  for (;;) {
    try {
      const file = await open(lock, 'wx', 0o600);
      await file.writeFile(String(process.pid)).finally(() => file.close());
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number(await readFile(lock, 'utf8').catch(() => ''));
    if (isRunning(holder)) {
      throw new Error(
        `${path} is in use by process ${holder}. Stop it, or remove ${lock} if it is something else.`,
      );
    }
    // Its process died without releasing it.
    await rm(lock, { force: true });
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
