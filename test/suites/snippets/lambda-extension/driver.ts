/** Runs the snippet, one command a line; see ../support/driver.ts. */
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const { accessToken } = await import(pathToFileURL(process.argv[2] ?? '').href);

for await (const line of createInterface({ input: process.stdin })) {
  const [, name] = line.split(' ');
  try {
    const token: string = await accessToken(name);
    console.log('token', createHash('sha256').update(token).digest('hex'));
  } catch (error) {
    console.log('error', String(error).replaceAll('\n', ' '));
  }
}
