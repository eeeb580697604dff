import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LoopbackRedirect } from '../../../cli/authorization/loopback-redirect.ts';

let redirect: LoopbackRedirect;

beforeEach(async () => {
  redirect = await LoopbackRedirect.listen(0);
});

afterEach(async () => {
  await redirect[Symbol.asyncDispose]();
});

async function ask(path: string, { method = 'GET', host }: { method?: string; host?: string } = {}) {
  const url = new URL(path, redirect.redirectUri);
  const sent = request(url, { method, ...(host !== undefined && { headers: { host } }) });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, html: await text(response) };
}

const isWaiting = () => Promise.race([redirect.callback.then(() => false), Promise.resolve(true)]);

describe('is not answered by', () => {
  it.each([
    ['a page of another site under a name of its own', '/callback?code=c', { host: 'evil.example' }, 421],
    ['a name of this machine', '/callback?code=c', { host: 'localhost' }, 421],
    ['another port', '/callback?code=c', { host: '127.0.0.1:1' }, 421],
    ['another method', '/callback?code=c', { method: 'POST' }, 405],
    ['a look ahead', '/callback?code=c', { method: 'HEAD' }, 405],
    ['another path', '/callback/?code=c', {}, 404],
    ['an icon', '/favicon.ico', {}, 404],
  ])('%s', async (_, path, options, status) => {
    const answer = await ask(path, options);
    expect(answer.status).toBe(status);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect(await isWaiting()).toBe(true);
  });

  it('a second answer while the first is being worked on', async () => {
    const first = ask('/callback?code=first');
    const { parameters, answer } = await redirect.callback;
    const second = await ask('/callback?code=second');
    expect(second).toMatchObject({ status: 409 });
    expect(second.html).toContain('answered already');
    await answer({ title: 'Done', message: 'first' });
    expect((await first).html).toContain('<h1>Done</h1><p>first</p>');
    expect(parameters.get('code')).toBe('first');
  });
});

it('answers with a page that escapes what it repeats, loads nothing and is not kept', async () => {
  const asked = ask('/callback?code=c');
  const { answer } = await redirect.callback;
  await answer({ title: '<i>"T"</i>', message: `<script>alert('&')</script>` });
  const { html, headers } = await asked;
  expect(html).toContain('<h1>&lt;i&gt;&quot;T&quot;&lt;/i&gt;</h1>');
  expect(html).toContain('&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;');
  expect(html).not.toMatch(/src=|href=|<script/);
  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'content-security-policy': expect.stringMatching(/^default-src 'none'; style-src 'sha256-[^']+'; /),
  });
});

it('goes on when the browser has gone', async () => {
  const sent = request(`${redirect.redirectUri}?code=c`);
  sent.on('error', () => undefined).end();
  const { answer } = await redirect.callback;
  sent.destroy();
  await answer({ title: 'Done', message: 'nobody sees it' });
});

it('listens on this machine alone, and stops', async () => {
  const { redirectUri } = redirect;
  expect(redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
  await redirect[Symbol.asyncDispose]();
  await expect(ask('/callback')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  redirect = await LoopbackRedirect.listen(0);
});
