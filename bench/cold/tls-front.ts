import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';

/** What a folder holds the certificate and its key as. */
export const CERTIFICATE = 'certificate.pem';
export const KEY = 'key.pem';

/**
 * Serves a loopback server over TLS too, as AWS and providers are. @param folder of the certificate
 * @returns the origin
 */
export async function startTlsFront(origin: string, folder: string): Promise<string> {
  const { port } = new URL(origin);
  const [cert, key] = [CERTIFICATE, KEY].map((file) => readFileSync(join(folder, file)));
  const server = createServer({ cert, key }, (outside) => {
    const inside = connect(Number(port), '127.0.0.1');
    // What comes in two parts would wait 40 ms on loopback, until the first of them is acknowledged.
    for (const socket of [outside, inside]) socket.setNoDelay(true);
    outside.pipe(inside).pipe(outside);
    // Whoever called has gone.
    for (const socket of [outside, inside]) socket.on('error', () => socket.destroy());
    outside.on('close', () => inside.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
