import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TIMING } from '../../../functions/refresh/rules/timing.ts';
import { type StatusServer, startStatusServer } from '../../../local/status-page/status-server.ts';
import { NOW, stateOf } from '../../functions/refresh/state-of.ts';
import { MemoryState } from '../../support/memory-state.ts';

let state: MemoryState;
let asked: string[];
let server: StatusServer;

beforeEach(async () => {
  state = new MemoryState();
  state.items.set('crm', stateOf());
  asked = [];
  server = await startStatusServer(options());
});
afterEach(() => server.close());

const options = (ports = [0]) => ({
  ports,
  state,
  clock: { now: () => NOW },
  timing: TIMING,
  namespace: 'evertoken',
  refreshRequests: {
    refresh: async (name: string) => {
      asked.push(name);
      return { outcome: 'refreshed', error: null } as const;
    },
  },
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends exactly these headers, as a browser would not let a page do. */
async function send(path: string, headers: Record<string, string> = {}, form?: string): Promise<Answer> {
  const { port, host } = new URL(server.url);
  const sent = request({
    port,
    host: '127.0.0.1',
    path,
    method: form === undefined ? 'GET' : 'POST',
    headers: {
      host,
      ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
      ...headers,
    },
  });
  sent.end(form);
  const [response] = await once(sent, 'response');
  const chunks: Buffer[] = await response.toArray();
  return { status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() };
}
const own = () => ({ origin: server.url.slice(0, -1), 'sec-fetch-site': 'same-origin' });
const press = (form: string, headers: Record<string, string> = own()) => send('/act', headers, form);

describe('the status page of this machine', () => {
  it('is served where its address says, with the policy that lets in nothing from elsewhere', async () => {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const { status, headers, text } = await send('/');
    expect(status).toBe(200);
    expect(text.slice(0, 15)).toBe('<!doctype html>');
    expect(text).toContain('connection=crm');
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'/);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-frame-options': 'DENY' });
  });

  it('shows what its query asks for', async () => {
    state.items.set('erp', stateOf({ name: 'erp', paused: true }));
    expect((await send('/?health=paused')).text).not.toContain('connection=crm');
    expect((await send('/?connection=erp')).text).toContain('evertoken/tokens/erp');
  });

  it('serves the script that keeps it up to date, and nothing else', async () => {
    const { headers, text } = await send('/live.js');
    expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(text).toContain('setInterval(update');
    expect((await send('/favicon.ico')).status).toBe(204);
    for (const path of ['/live.js/', '/../package.json', '/act', '/status-server.ts']) {
      expect((await send(path)).status).toBe(404);
    }
    expect((await send('/', own(), 'refresh=crm')).status).toBe(404);
  });

  it('is asked for once more where the table cannot be read', async () => {
    state.list = async function* () {
      yield* [];
      throw new TypeError('what went wrong stays here');
    };
    const { status, text } = await send('/');
    expect(status).toBe(500);
    expect(text).toBe('The page could not be made (TypeError). It is asked for again in a moment.\n');
  });
});

describe('a button of that page', () => {
  it('does what it says, leads back to where it was, and says what came of it', async () => {
    const back = 'health=retrying&sort=name&connection=crm&confirm=pause&evil=x';
    const { status, headers } = await press(`back=${encodeURIComponent(back)}&pause=crm`);
    expect(status).toBe(303);
    expect(headers.location).toMatch(/^\/\?health=retrying&connection=crm&sort=name&said=[0-9a-f-]{36}$/);
    expect(state.items.get('crm')?.paused).toBe(true);
    expect((await send(headers.location ?? '')).text).toContain(
      'crm is paused: it is left alone until it is resumed.',
    );
    await press('resume=crm');
    expect(state.items.get('crm')?.paused).toBeUndefined();
    const refreshed = await press('refresh=crm');
    expect(asked).toEqual(['crm']);
    expect((await send(refreshed.headers.location ?? '')).text).toContain('crm has a new token.');
  });

  it('leads nowhere else, whatever stands in its form', async () => {
    for (const back of ['https://evil.example/', '//evil.example', '?x=\r\nSet-Cookie: a=b']) {
      const { headers } = await press(`back=${encodeURIComponent(back)}&resume=crm`);
      expect(headers.location).toMatch(/^\/\?said=[0-9a-f-]{36}$/);
    }
  });

  it.each([
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' }],
    ['a frame without an origin', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['nowhere that it says', {}],
  ])('cannot be pressed from %s', async (_, headers) => {
    expect((await press('pause=crm', headers)).status).toBe(403);
    expect(state.items.get('crm')?.paused).toBeUndefined();
  });

  it('cannot be pressed with a forged site either', async () => {
    expect((await press('pause=crm', { ...own(), 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect((await press('pause=crm', { ...own(), 'sec-fetch-site': 'none' })).status).toBe(403);
    expect(state.items.get('crm')?.paused).toBeUndefined();
  });

  it.each(['', 'remove=crm', 'back=x', `refresh=${'c'.repeat(20_000)}`])(
    'is none with the form %#',
    async (form) => {
      expect((await press(form)).status).toBe(400);
      expect(asked).toEqual([]);
    },
  );

  it('is none in another form of body', async () => {
    const { status } = await press('{"pause":"crm"}', { ...own(), 'content-type': 'application/json' });
    expect(status).toBe(400);
  });

  it.each(['<script>', '../x', 'a b'])('does nothing to what can be no name: %s', async (name) => {
    const { headers } = await press(`refresh=${encodeURIComponent(name)}`);
    expect(asked).toEqual([]);
    expect((await send(headers.location ?? '')).text).toContain('is registered.');
  });
});

describe('who reaches that page', () => {
  it.each(['evil.example', 'evil.example:80', '127.0.0.1.evil.example', '127.0.0.2'])(
    'is nobody under another name: %s',
    async (host) => {
      const { port } = new URL(server.url);
      for (const name of [host, `${host}:${port}`]) {
        const { status, text } = await send('/', { host: name });
        expect([status, text]).toEqual([421, 'This address is not served here.\n']);
        expect((await press('pause=crm', { host: name, origin: `http://${name}` })).status).toBe(421);
      }
      expect(state.items.get('crm')?.paused).toBeUndefined();
    },
  );

  it('may call it localhost', async () => {
    const host = `localhost:${new URL(server.url).port}`;
    expect((await send('/', { host })).status).toBe(200);
    expect((await press('pause=crm', { host, origin: `http://${host}` })).status).toBe(303);
  });

  it('is told which methods there are', async () => {
    const answer = await fetch(server.url, { method: 'DELETE' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, POST']);
  });
});

describe('the port of that page', () => {
  it('is the next one where the first is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    try {
      await expect(startStatusServer(options([port]))).rejects.toMatchObject({ code: 'EADDRINUSE' });
      const second = await startStatusServer(options([port, 0]));
      expect(new URL(second.url).port).not.toBe(String(port));
      await second.close();
    } finally {
      other.close();
    }
  });

  it('is a free one beyond the last that there is', async () => {
    const beyond = await startStatusServer(options([65_536]));
    expect(Number(new URL(beyond.url).port)).toBeGreaterThan(0);
    await beyond.close();
  });
});
