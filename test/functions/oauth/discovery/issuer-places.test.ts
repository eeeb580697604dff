import { describe, expect, it } from 'vitest';
import {
  createDiscovery,
  type DiscoveryContext,
} from '../../../../functions/oauth/discovery/issuer-discovery.ts';
import type { SingleRequest } from '../../../../functions/oauth/request/http-request.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { TokenError } from '../../../../functions/oauth/token-error.ts';
import { tokenErrorOf } from '../../../support/token-input.ts';

const ISSUER = 'https://idp.example.com';
const [FIRST, SECOND] = [
  `${ISSUER}/.well-known/oauth-authorization-server`,
  `${ISSUER}/.well-known/openid-configuration`,
];
const metadata = (issuer: string) => ({ issuer, token_endpoint: `${issuer}/oauth2/token` });
const notFound = { status: 404, headers: {}, body: new Secret('') };
const found = (document: object) => ({
  status: 200,
  headers: {},
  body: new Secret(JSON.stringify(document)),
});

/** Discovery without a network: `answer` says what stands at each URL. */
function discoveryOf(
  answer: (url: string) => ReturnType<typeof found>,
  check: DiscoveryContext['check'] = () => {},
) {
  const requests: SingleRequest[] = [];
  const send: DiscoveryContext['send'] = async (request) => {
    requests.push(request);
    return answer(request.url.reveal());
  };
  const discover = createDiscovery({ now: () => 0, check, send });
  return { requests, discover: () => discover(ISSUER, undefined) };
}

describe('the two places of an issuer', () => {
  it('are asked for JSON, by name', async () => {
    const { requests, discover } = discoveryOf(() => notFound);
    await tokenErrorOf(discover);
    expect(requests.map(({ url }) => url.reveal())).toEqual([FIRST, SECOND]);
    for (const { method, headers } of requests) {
      expect(method).toBe('GET');
      expect(headers).toEqual({
        accept: 'application/json',
        'user-agent': expect.stringMatching(/evertoken/i),
      });
    }
  });

  it.each([
    ['the second, where the first is empty', SECOND],
    ['the first, where the second is empty', FIRST],
  ])('what is wrong at %s, is told', async (_, place) => {
    const another = found(metadata('https://evil.example'));
    const { discover } = discoveryOf((url) => (url === place ? another : notFound));
    expect((await tokenErrorOf(discover)).code).toBe('issuer_mismatch');
  });

  it('what is wrong at the first is told, where both are wrong', async () => {
    const { discover } = discoveryOf((url) =>
      found(url === FIRST ? { issuer: ISSUER } : metadata('https://evil.example')),
    );
    expect((await tokenErrorOf(discover)).code).toBe('missing_token_endpoint');
  });

  it('an answer that breaks off spent nothing, and its status is told', async () => {
    const { requests, discover } = discoveryOf(() => {
      throw new TokenError('unanswered', 'connection_reset', 'The connection was lost.', { status: 206 });
    });
    expect(await tokenErrorOf(discover)).toMatchObject({
      kind: 'never-sent',
      code: 'connection_reset',
      status: 206,
    });
    expect(requests).toHaveLength(1);
  });

  it('a fault of our own is thrown as it is, and hidden by no second place', async () => {
    const fault = new RangeError('a fault');
    const { requests, discover } = discoveryOf(
      () => found(metadata(ISSUER)),
      (url) => {
        if (url !== ISSUER) throw fault;
      },
    );
    await expect(discover()).rejects.toBe(fault);
    expect(requests).toHaveLength(1);
  });
});
