import { once } from 'node:events';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { createTokenEndpoint } from '../../../../functions/oauth/transport/token-endpoint.ts';
import { canarySecret } from '../../../support/canary.ts';
import { tokenErrorOf } from '../../../support/token-input.ts';
import { afterRequest, closeServers, exchange, failure, listen, NOW } from './support/loopback-exchange.ts';

afterEach(closeServers);

describe('after it was sent, an exchange may have spent the refresh token', () => {
  it.each([
    ['no answer at all', { headersMs: 60 }, 'headers_timeout', () => {}],
    [
      'early hints, and no answer',
      { headersMs: 60, bodyMs: 500 },
      'headers_timeout',
      (socket: Socket) => socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'),
    ],
    ['an answer that takes too long in all', { totalMs: 120 }, 'exchange_timeout', () => {}],
    [
      'a header that drips',
      { headersMs: 60 },
      'headers_timeout',
      (socket: Socket) => drip(socket, 'HTTP/1.1 200 OK\r\nx-long: '),
    ],
    [
      'a body that drips',
      { bodyMs: 60 },
      'body_timeout',
      (socket: Socket) => drip(socket, 'HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n'),
    ],
    ['a reset', {}, 'connection_reset', (socket: Socket) => socket.resetAndDestroy()],
    ['an end', {}, 'connection_reset', (socket: Socket) => socket.end()],
    [
      'an answer cut off',
      {},
      'truncated_answer',
      (socket: Socket) =>
        socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 99\r\n\r\n{"acc'),
    ],
    [
      'chunks cut off',
      {},
      'connection_failed',
      (socket: Socket) =>
        socket.end(
          'HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"acc\r\n',
        ),
    ],
    [
      'something else than HTTP',
      {},
      'connection_failed',
      (socket: Socket) => socket.end('220 mail ready\r\n'),
    ],
    [
      'a header without end',
      {},
      'connection_failed',
      (socket: Socket) => socket.write(`HTTP/1.1 200 OK\r\nx-long: ${'x'.repeat(100_000)}`),
    ],
  ] as const)('%s', async (_, limits, code, act) => {
    const { url, count } = await afterRequest(act);
    expect(await failure(url, { limits })).toMatchObject({ kind: 'unanswered', code });
    expect(count()).toBe(1);
  });

  it.each([
    ['shorter than it was announced', 'content-length: 999\r\n', 'truncated_answer', undefined],
    ['that never ends', 'content-length: 999\r\n', 'body_timeout', { bodyMs: 60 }],
  ] as const)('what came of an answer %s is read all the same', async (_, header, code, limits) => {
    const part = `{"refresh_token":"${canarySecret('next')}","acc`;
    const { url } = await afterRequest((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nconnection: close\r\n${header}\r\n${part}`);
      if (limits === undefined) socket.end();
    });
    const { token, problem } = await exchange(url, limits && { limits });
    expect(token.refresh_token?.reveal()).toBe(canarySecret('next'));
    expect(problem).toMatchObject({ kind: 'unanswered', code });
  });

  it('an answer of which only the head came is none', async () => {
    const { url } = await afterRequest((socket) =>
      socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 99\r\n\r\n'),
    );
    const endpoint = createTokenEndpoint({
      now: () => NOW,
      uuid: () => 'u',
      allowedOrigins: [new URL(url).origin],
    });
    const body = new Secret(canarySecret('refresh'));
    const request = { method: 'POST', url: new Secret(url), headers: {}, body } as const;
    expect(await tokenErrorOf(() => endpoint.send(request))).toMatchObject({
      kind: 'unanswered',
      code: 'truncated_answer',
      status: 400,
    });
  });

  it('a reset before the server has read anything', async () => {
    const { url, count } = await listen(
      createTcpServer({ pauseOnConnect: true }, (socket) => setTimeout(() => socket.resetAndDestroy(), 50)),
    );
    expect(await failure(url)).toMatchObject({ kind: 'unanswered', code: 'connection_reset' });
    expect(count()).toBe(1);
  });

  it('a caller that gives up', async () => {
    const controller = new AbortController();
    const { url } = await afterRequest(() => controller.abort());
    expect(await failure(url, { signal: controller.signal })).toMatchObject({
      kind: 'unanswered',
      code: 'aborted',
    });
  });

  it('closes the connection when it is over', async () => {
    let closed: Promise<unknown> | undefined;
    const { url } = await afterRequest((socket) => {
      closed = once(socket, 'close');
    });
    await failure(url, { limits: { headersMs: 30 } });
    await closed;
  });
});

function drip(socket: Socket, start: string): void {
  socket.write(start);
  const timer = setInterval(() => socket.write('x'), 2);
  socket.on('close', () => clearInterval(timer));
}
