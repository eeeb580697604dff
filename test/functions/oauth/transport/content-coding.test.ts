import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { ANSWER, closeServers, exchange, failure, serve } from './support/loopback-exchange.ts';

afterEach(closeServers);

describe('size', () => {
  const padded = (bytes: number) => ANSWER.padEnd(bytes);
  const MiB = 1_048_576;

  it('of one mebibyte is read', async () => {
    const { url } = await serve((_, response) => response.end(padded(MiB)));
    expect((await exchange(url)).token.expiresInSeconds).toBe(60);
  });

  it('of a byte more is not, announced or in chunks', async () => {
    const announced = await serve((_, response) => {
      response.setHeader('content-length', MiB + 1);
      response.end(padded(MiB + 1));
    });
    const chunked = await serve((_, response) => {
      response.write(padded(MiB));
      response.end(' ');
    });
    for (const { url } of [announced, chunked]) {
      expect(await failure(url)).toMatchObject({ kind: 'unanswered', code: 'answer_too_large', status: 200 });
    }
  });

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ] as const)(
    '%s is asked for by nobody, understood, and cannot hide a larger one',
    async (coding, compress) => {
      const asked: (string | undefined)[] = [];
      let content = ANSWER;
      const { url } = await serve((request, response) => {
        asked.push(String(request.headers['accept-encoding']));
        response.setHeader('content-encoding', coding);
        response.end(compress(content));
      });
      expect((await exchange(url)).token.expiresInSeconds).toBe(60);
      content = padded(2 * MiB);
      expect(await failure(url)).toMatchObject({ kind: 'unanswered', code: 'unreadable_answer' });
      expect(asked).toEqual(['identity', 'identity']);
    },
  );

  it.each([
    ['gzip', gzipSync(ANSWER).subarray(0, 20)],
    ['zstd', zstdCompressSync(ANSWER).subarray(0, 20)],
  ])('a body that is no readable %s is no answer', async (coding, body) => {
    const { url } = await serve((_, response) => {
      response.setHeader('content-encoding', coding);
      response.end(body);
    });
    expect(await failure(url)).toMatchObject({ kind: 'unanswered', code: 'unreadable_answer', status: 200 });
  });

  it.each([
    ['zstd', 'no zstd', Buffer.from(ANSWER)],
    ['gzip', 'no gzip', Buffer.from(ANSWER)],
    ['UTF-8', 'text', Buffer.from(ANSWER)],
    ['gzip, gzip', 'both', gzipSync(gzipSync(ANSWER))],
    ['deflate, gzip', 'both', gzipSync(deflateSync(ANSWER))],
    ['zstd', 'zstd', zstdCompressSync(ANSWER)],
    ['deflate', 'raw deflate', deflateRawSync(ANSWER)],
    ['gzip', 'gzip without its trailer', gzipSync(ANSWER).subarray(0, -8)],
    ['deflate, x-gzip', 'both', gzipSync(deflateSync(ANSWER))],
    ['deflate, zstd', 'both', zstdCompressSync(deflateSync(ANSWER))],
    ['GZIP ,Deflate', 'both', deflateSync(gzipSync(ANSWER))],
    ['identity', 'gzip that nobody names', gzipSync(ANSWER)],
    ['identity', 'zstd that nobody names', zstdCompressSync(ANSWER)],
    ['identity', 'text', Buffer.from(ANSWER)],
  ])('a body that is called %s and is %s is read', async (coding, _, body) => {
    const { url } = await serve((_request, response) => {
      response.setHeader('content-encoding', coding);
      response.end(body);
    });
    expect((await exchange(url)).token.expiresInSeconds).toBe(60);
  });
});
