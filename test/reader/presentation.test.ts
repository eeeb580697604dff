import { describe, expect, test } from 'vitest';
import { readerWorld } from './support/published-token.ts';

const PRESENTATION = { header: 'X-Token', scheme: '', headers: { 'X-Token-Type': 'KEYPAIR_JWT' } };

/** What a request through the reader's `fetch` carries. */
async function headersSent(presentation: unknown): Promise<Headers> {
  const world = await readerWorld();
  await world.publish('one', { presentation });
  let sent = new Headers();
  const fetch: typeof globalThis.fetch = async (_, init) => {
    sent = new Headers(init?.headers);
    return new Response('', { status: 200 });
  };
  await world.reader.fetchWithToken('crm', { fetch })('https://api.example.com/');
  return sent;
}

describe('a token that its API wants to see in another way', () => {
  test('stands in that header, with what belongs beside it', async () => {
    const headers = await headersSent(PRESENTATION);
    expect(headers.get('x-token')).toMatch(/^fake-/);
    expect(headers.get('x-token-type')).toBe('KEYPAIR_JWT');
    expect(headers.has('authorization')).toBe(false);
  });

  test('has its own scheme in a header that is built by hand, unless another is asked for', async () => {
    const world = await readerWorld();
    const token = await world.publish('one', {
      presentation: { ...PRESENTATION, scheme: 'Zoho-oauthtoken' },
    });
    expect(await world.reader.authorizationHeader('crm')).toBe(`Zoho-oauthtoken ${token}`);
    expect(await world.reader.authorizationHeader('crm', { scheme: 'Bearer' })).toBe(`Bearer ${token}`);
    expect(await world.reader.authorizationHeader('crm', { scheme: '' })).toBe(token);
  });

  test.each([[undefined], [null], ['X-Token'], [{}], [{ header: 1, scheme: 2 }]])(
    'is shown as RFC 6750 has it where %j says nothing that can be followed',
    async (presentation) => {
      expect((await headersSent(presentation)).get('authorization')).toMatch(/^Bearer fake-/);
    },
  );
});
