import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';

const DEBIAN = '/usr/bin/chromium';

/** How it is started: without a window, and quiet. */
export const FLAGS: readonly string[] = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A name is never looked up: whatever is shown comes from this machine.
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
];

/** Whether there is a Chromium to test in: the one that CHROMIUM names, else Debian's. */
export function findChromium(): { readonly path: string } | { readonly missing: string } {
  const path = process.env['CHROMIUM'] || DEBIAN;
  try {
    accessSync(path, constants.X_OK);
    return { path };
  } catch {
    return { missing: `there is no Chromium at ${path}; name one in CHROMIUM` };
  }
}

/** Installs Debian's Chromium where there is none and this process may. Fails in silence but for a line. */
export function installChromium(): void {
  if (!('missing' in findChromium()) || process.env['CHROMIUM']) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: string[]) =>
    execFileSync('apt-get', ['-qq', ...args], { env, stdio: 'ignore', timeout: 300_000 });
  try {
    apt('update');
    apt('install', '-y', '--no-install-recommends', 'chromium');
  } catch {
    console.log('Chromium could not be installed with apt-get.');
  }
}

if (import.meta.main) installChromium();
