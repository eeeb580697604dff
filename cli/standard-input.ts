import { Secret } from '../functions/oauth/secret.ts';
import { WrongUsage } from './command-failed.ts';
import type { Io } from './io.ts';

/** Secrets Manager takes no more. */
const MOST_BYTES = 65_536;

/**
 * All of standard input, wrapped at once.
 * @throws WrongUsage when there is nothing, or too much
 */
export async function readStandardInput({ stdin, stderr }: Pick<Io, 'stdin' | 'stderr'>): Promise<Secret> {
  if (stdin.isTTY === true) stderr.write('Reading from the terminal, unhidden; end with Ctrl-D.\n');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    const part = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    bytes += part.length;
    if (bytes > MOST_BYTES) throw new WrongUsage(`Standard input has more than ${MOST_BYTES} bytes.`);
    chunks.push(part);
  }
  const text = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
  if (text.trim() === '') throw new WrongUsage('Standard input is empty.');
  return new Secret(text);
}
