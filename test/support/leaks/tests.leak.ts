import { Logger } from '@aws-lambda-powertools/logger';
import { afterEach, describe, expect, test } from 'vitest';
import { canarySecret } from '../canary.ts';

const secret = canarySecret('leak');
const logger = new Logger({ serviceName: 'leaks' });

test('leaks by console.log', () => console.log({ token: secret }));
test('leaks by console.error', () => console.error(new Error(secret)));
test('leaks by standard output', () => void process.stdout.write(`${secret}\n`));
test('leaks by standard error', () => void process.stderr.write(Buffer.from(`${secret}\n`)));
test('leaks by logger', () => logger.info('refreshed', { token: secret }));
test('leaks by HTTP Basic', () => console.log(`Basic ${Buffer.from(`id:${secret}`).toString('base64')}`));
test('leaks by hexadecimal', () => console.log(Buffer.from(secret).toString('hex')));
test('leaks by upper case', () => console.log(secret.toUpperCase()));
test('leaks by lower case', () => console.log(secret.toLowerCase()));
test('leaks by JSON that escapes everything', () =>
  console.log([...secret].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')));
test('leaks by base64url', () => console.log(Buffer.from(`id:${secret}`).toString('base64url')));
test('leaks by percent-encoding', () =>
  console.log(secret.replace(/[A-Z]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)));
test('leaks after an await', async () => {
  await new Promise((resolve) => setImmediate(resolve));
  console.log(secret);
});

describe('in a hook', () => {
  afterEach(() => console.log(secret));
  test('leaks by a hook of its own', () => expect(secret).toBeDefined());
});

test('is clean after a leak', () => console.log('nothing secret'));
