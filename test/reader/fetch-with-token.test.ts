import { openAsBlob } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type ProtectedApi, protectedApi } from './support/protected-api.ts';
import { type ReaderWorld, readerWorld } from './support/published-token.ts';

/** A reader that has the first token in its cache, and an API that has just stopped to accept it. */
async function afterRefresh(): Promise<{ world: ReaderWorld; api: ProtectedApi; old: string; new: string }> {
  const world = await readerWorld();
  const api = await protectedApi();
  await world.publish('one');
  const old = await world.reader.authorizationHeader('crm');
  api.accepts = `Bearer ${await world.publish('two')}`;
  return { world, api, old, new: api.accepts };
}

const headersSeen = (api: ProtectedApi) => api.seen.map(({ authorization }) => authorization);

describe('a request', () => {
  test('is sent with the token, and all that it had', async () => {
    const world = await readerWorld();
    const api = await protectedApi();
    api.accepts = `Bearer ${await world.publish('one')}`;
    const call = world.reader.fetchWithToken('crm');
    const response = await call(api.url, {
      method: 'PUT',
      headers: { 'x-custom': 'yes', authorization: 'mine' },
      body: '{}',
    });
    expect(await response.json()).toEqual({ accepted: true, from: 'the API' });
    expect(api.seen).toEqual([
      {
        method: 'PUT',
        authorization: api.accepts,
        contentType: 'text/plain;charset=UTF-8',
        custom: 'yes',
        body: '{}',
      },
    ]);
  });

  test('may be a Request, whose headers are kept', async () => {
    const world = await readerWorld();
    const api = await protectedApi();
    api.accepts = `Bearer ${await world.publish('one')}`;
    const request = new Request(api.url, { method: 'POST', headers: { 'x-custom': 'yes' }, body: 'text' });
    expect((await world.reader.fetchWithToken('crm')(request)).status).toBe(200);
    expect(api.seen).toMatchObject([{ method: 'POST', custom: 'yes', body: 'text' }]);
  });

  test('may be a URL, and have another scheme', async () => {
    const world = await readerWorld();
    const api = await protectedApi();
    api.accepts = `token ${await world.publish('one')}`;
    const call = world.reader.fetchWithToken('crm', { scheme: 'token' });
    expect((await call(new URL(api.url))).status).toBe(200);
  });

  test('leaves what it was given as it was', async () => {
    const { world, api } = await afterRefresh();
    const headers = new Headers({ 'x-custom': 'yes' });
    const init = Object.freeze({ headers });
    await world.reader.fetchWithToken('crm')(api.url, init);
    expect([...headers]).toEqual([['x-custom', 'yes']]);
  });

  test('goes through the fetch that was given', async () => {
    const world = await readerWorld();
    const token = await world.publish('one');
    const sent: unknown[] = [];
    const fetch = async (input: unknown, init: RequestInit | undefined) => {
      sent.push(input, new Headers(init?.headers).get('authorization'));
      return new Response('done');
    };
    const response = await world.reader.fetchWithToken('crm', { fetch: fetch as typeof globalThis.fetch })(
      'https://api.example.com',
    );
    expect(await response.text()).toBe('done');
    expect(sent).toEqual(['https://api.example.com', `Bearer ${token}`]);
  });

  test('is not sent without a token', async () => {
    const world = await readerWorld();
    const api = await protectedApi();
    await expect(world.reader.fetchWithToken('crm')(api.url)).rejects.toMatchObject({
      code: 'unknown-connection',
    });
    expect(api.seen).toEqual([]);
  });

  test('that is aborted stops waiting for the token', async () => {
    const world = await readerWorld();
    const api = await protectedApi();
    await world.publish('one');
    world.endpoint.inject = () => ({ delayMs: 60_000 });
    const controller = new AbortController();
    const call = world.reader.fetchWithToken('crm');
    const waiting = [
      call(api.url, { signal: controller.signal }),
      call(new Request(api.url, { signal: controller.signal })),
    ];
    controller.abort(new Error('no longer needed'));
    await Promise.all(waiting.map((each) => expect(each).rejects.toThrow('no longer needed')));
    expect(api.seen).toEqual([]);
  });
});

describe('after a 401', () => {
  test('the token is read once, and the request sent once more', async () => {
    const { world, api, old, new: replacement } = await afterRefresh();
    const before = world.reads();
    const response = await world.reader.fetchWithToken('crm')(api.url);
    expect(response.status).toBe(200);
    expect(headersSeen(api)).toEqual([old, replacement]);
    expect(world.reads() - before).toBe(1);
  });

  test('the next request has the new token from the start', async () => {
    const { world, api, new: replacement } = await afterRefresh();
    const call = world.reader.fetchWithToken('crm');
    await call(api.url);
    await call(api.url);
    expect(headersSeen(api).slice(2)).toEqual([replacement]);
  });

  test('many requests at once cause one read', async () => {
    const { world, api } = await afterRefresh();
    const before = world.reads();
    const call = world.reader.fetchWithToken('crm');
    const responses = await Promise.all(Array.from({ length: 20 }, () => call(api.url)));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    expect(world.reads() - before).toBe(1);
  });

  test('a second 401 is handed back: it is never sent a third time', async () => {
    const { world, api } = await afterRefresh();
    api.accepts = 'nothing';
    const response = await world.reader.fetchWithToken('crm')(api.url);
    expect(response.status).toBe(401);
    expect(api.seen).toHaveLength(2);
  });

  test('with no other token the answer is handed back as it came', async () => {
    const world = await readerWorld();
    const api = await protectedApi();
    await world.publish('one');
    const response = await world.reader.fetchWithToken('crm')(api.url);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ accepted: false, from: 'the API' });
    expect(api.seen).toHaveLength(1);
  });

  test('so it is when Secrets Manager cannot be read', async () => {
    const { world, api } = await afterRefresh();
    world.endpoint.inject = () => ({ before: 'reset' });
    const response = await world.reader.fetchWithToken('crm')(api.url);
    expect(await response.json()).toEqual({ accepted: false, from: 'the API' });
  });

  test('and when the only token left has expired meanwhile', async () => {
    const { world, api } = await afterRefresh();
    api.onRequest = () => {
      world.at += 2 * 3_600_000;
    };
    expect((await world.reader.fetchWithToken('crm')(api.url)).status).toBe(401);
    expect(api.seen).toHaveLength(1);
  });

  test('the body of the first answer is cancelled, which frees its connection', async () => {
    const world = await readerWorld();
    await world.publish('one');
    const happened: string[] = [];
    const fetch = async () => {
      happened.push('sent');
      await world.publish('two');
      const body = new ReadableStream({ cancel: () => void happened.push('cancelled') });
      return new Response(body, { status: happened.length === 1 ? 401 : 200 });
    };
    await world.reader.fetchWithToken('crm', { fetch })('https://api.example.com');
    expect(happened).toEqual(['sent', 'cancelled', 'sent']);
  });

  test.each([403, 500])('but not after a %d', async (status) => {
    const world = await readerWorld();
    const token = await world.publish('one');
    const sent: unknown[] = [];
    const fetch = async () => {
      sent.push(token);
      return new Response(null, { status });
    };
    expect((await world.reader.fetchWithToken('crm', { fetch })('https://api.example.com')).status).toBe(
      status,
    );
    expect(sent).toHaveLength(1);
    expect(world.reads()).toBe(1);
  });
});

describe('a request is sent again with the same body, when it is', () => {
  const file = fileURLToPath(new URL('../../LICENSE', import.meta.url));
  const form = () => {
    const data = new FormData();
    data.set('field', 'value');
    return data;
  };

  test.each<[string, () => Promise<RequestInit['body']> | RequestInit['body'], RegExp]>([
    ['a string', () => 'text', /^text$/],
    ['an empty string', () => '', /^$/],
    ['URLSearchParams', () => new URLSearchParams({ field: 'value' }), /^field=value$/],
    ['FormData', form, /name="field"\r\n\r\nvalue/],
    ['a Buffer', () => Buffer.from('text'), /^text$/],
    ['an ArrayBuffer', () => new TextEncoder().encode('text').buffer, /^text$/],
    ['a DataView', () => new DataView(new TextEncoder().encode('text').buffer), /^text$/],
    ['a Blob', () => new Blob(['text']), /^text$/],
    ['a file', () => openAsBlob(file), /^MIT License/],
    ['null', () => null, /^$/],
  ])('%s', async (_, body, expected) => {
    const { world, api } = await afterRefresh();
    const init = { method: 'POST', body: (await body()) ?? null };
    expect((await world.reader.fetchWithToken('crm')(api.url, init)).status).toBe(200);
    expect(api.seen).toHaveLength(2);
    for (const seen of api.seen) expect(seen.body).toMatch(expected);
  });

  test('a Request without a body', async () => {
    const { world, api } = await afterRefresh();
    expect((await world.reader.fetchWithToken('crm')(new Request(api.url))).status).toBe(200);
  });

  test('a Request whose body another one takes the place of', async () => {
    const { world, api } = await afterRefresh();
    const request = new Request(api.url, { method: 'POST', body: 'first' });
    const response = await world.reader.fetchWithToken('crm')(request, { body: 'second' });
    expect(response.status).toBe(200);
    expect(api.seen.map(({ body }) => body)).toEqual(['second', 'second']);
  });
});

describe('a request whose body is used up is not sent again, but the next has the new token', () => {
  const chunks = async function* () {
    yield new TextEncoder().encode('te');
    yield new TextEncoder().encode('xt');
  };

  test.each<[string, (url: string) => Parameters<typeof fetch>]>([
    ['a stream', (url) => [url, { method: 'POST', body: ReadableStream.from(chunks()), duplex: 'half' }]],
    ['an iterable', (url) => [url, { method: 'POST', body: chunks(), duplex: 'half' }]],
    ['a Request with a body', (url) => [new Request(url, { method: 'POST', body: 'text' })]],
  ])('%s', async (_, request) => {
    const { world, api, new: replacement } = await afterRefresh();
    const call = world.reader.fetchWithToken('crm');
    const response = await call(...request(api.url));
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ accepted: false, from: 'the API' });
    expect(api.seen.map(({ body }) => body)).toEqual(['text']);
    expect((await call(api.url)).status).toBe(200);
    expect(headersSeen(api).slice(1)).toEqual([replacement]);
  });
});
