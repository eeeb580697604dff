import { describe, expect, it } from 'vitest';
import { checkPreset } from '../../../cli/providers/check-preset.ts';
import { canarySecret } from '../../support/canary.ts';
import { acmeFile, SUCCESS, THROTTLED, WRONG_SECRET } from './acme.ts';

const check = (fields: Readonly<Record<string, unknown>> = {}, file = 'presets/acme.json') =>
  checkPreset(file, JSON.stringify(acmeFile(fields), null, 2), canarySecret);

/** The messages of one level, without the place in the text. */
async function messages(
  level: 'error' | 'note',
  fields: Readonly<Record<string, unknown>>,
): Promise<string[]> {
  const { findings } = await check(fields);
  return findings
    .filter((finding) => finding.level === level)
    .map(({ message }) => message.replace(/^\d+:\d+ /, ''));
}

const refreshing = {
  grants: ['refresh_token', 'client_credentials'],
  supportedGrants: ['refresh_token', 'client_credentials'],
};
const REFRESH = {
  ...SUCCESS,
  name: 'refresh',
  grant: 'refresh_token',
  request: { ...SUCCESS.request, body: 'grant_type=refresh_token&refresh_token={refresh_token}' },
};
const DEAD = {
  name: 'expired',
  grant: 'refresh_token',
  response: { status: 400, body: { error: 'invalid_grant' } },
  expect: { error: { kind: 'refused' } },
};

describe('a preset that stands', () => {
  it('has nothing to mend', async () => {
    expect(await check()).toEqual({
      file: 'presets/acme.json',
      id: 'acme',
      experimental: [],
      replayed: 3,
      findings: [],
    });
  });

  it('is experimental where nobody read its documentation', async () => {
    const { experimental, findings } = await check({ verifiedAt: undefined });
    expect(experimental).toEqual([
      'no "verifiedAt": nobody read its documentation on a day that the file names',
    ]);
    expect(findings).toEqual([]);
  });

  it('is experimental where something is recalled', async () => {
    expect((await check({ recalled: ['refreshToken.rotates'] })).experimental).toEqual([
      'recalled, and not read there: refreshToken.rotates',
    ]);
  });
});

describe('form', () => {
  it.each([
    ['a key that is mistyped', { tokenURL: 'x' }, /^tokenURL: is no known key; did you mean "tokenUrl"\?/],
    [
      'a key inside that is mistyped',
      { request: { parameter: {} } },
      /^request\.parameter: is no known key; did you mean "parameters"\?/,
    ],
    [
      'a value of another type',
      { grants: 'client_credentials' },
      /^grants: expected an array, found "client_credentials"/,
    ],
    ['no documentation', { docsUrl: undefined }, /^docsUrl: is missing/],
    ['plain http', { tokenUrl: 'http://id.acme.example/token' }, /^tokenUrl: must be an https URL/],
    ['a day that is none', { verifiedAt: 'last week' }, /^verifiedAt: /],
    [
      'a URL with a placeholder that nothing guards',
      { tokenUrl: 'https://{shop}.acme.example/token' },
      /^tokenUrl: holds "\{shop\}", which is not among the placeholders/,
    ],
    [
      'an example with a key that is mistyped',
      { examples: [{ ...SUCCESS, responses: {} }] },
      /^examples\[0\]\.responses: is no known key; did you mean "response"\?/,
    ],
    [
      'an example that expects both',
      { examples: [{ ...SUCCESS, expect: { ...SUCCESS.expect, ...WRONG_SECRET.expect } }] },
      /^examples\[0\]\.expect: needs either "token", for a success, or "error"/,
    ],
    [
      'an example with a kind that is mistyped',
      { examples: [{ ...WRONG_SECRET, expect: { error: { kind: 'client-refusal' } } }] },
      /^examples\[0\]\.expect\.error\.kind: expected one of .* did you mean "client-refused"\?/,
    ],
  ])('%s', async (_, fields, message) => {
    expect(await messages('error', fields)).toEqual([expect.stringMatching(message)]);
  });

  it('recalls fields that there are', async () => {
    const recalled = ['request.parametersByGrant.password', 'errors', 'placeholders.a.values.b'];
    expect(await messages('error', { recalled })).toEqual([]);
    expect(await messages('error', { recalled: ['request.scopeSeperator', 'clientAuthentication'] })).toEqual(
      [
        'recalled[0]: "request.scopeSeperator" is no field of a preset; did you mean "scopeSeparator"?',
        'recalled[1]: "clientAuthentication" is no field of a preset',
      ],
    );
  });

  it('names line and column', async () => {
    const { findings } = await check({ tokenURL: 'x' });
    expect(findings[0]?.message).toMatch(/^\d\d:\d+ tokenURL: /);
  });

  it('is JSON', async () => {
    const { findings } = await checkPreset('acme.json', '{"schema": 1,}', canarySecret);
    expect(findings).toEqual([
      { level: 'error', message: expect.stringMatching(/^1:\d+ this is not JSON: /) },
    ]);
  });

  it('says each key once', async () => {
    const { findings } = await checkPreset('acme.json', '{"schema": 1, "schema": 1}', canarySecret);
    expect(findings[0]?.message).toContain('schema: stands here a second time');
  });

  it('is in a file that is called as its id', async () => {
    expect((await check({}, 'acme-corp.json')).findings).toEqual([
      { level: 'error', message: 'id: is "acme", and the file is called acme-corp.json: call it acme.json' },
    ]);
  });
});

describe('examples', () => {
  const missing = async (examples: readonly object[], fields: object = {}) =>
    (await messages('error', { ...fields, examples })).map((message) =>
      message.replace('examples: one is missing: ', ''),
    );

  it('are there for a success, a refused client and too many requests', async () => {
    expect(await missing([])).toEqual([
      'a success of "client_credentials"',
      'a client that is refused, such as one with a wrong secret',
      'too many requests (kind "throttled"): a 429, or what the provider says',
    ]);
  });

  it('are there for a dead refresh token, where refresh tokens are used', async () => {
    expect(await missing([SUCCESS, WRONG_SECRET, THROTTLED, REFRESH], refreshing)).toEqual([
      'a dead refresh token',
    ]);
    expect(await missing([SUCCESS, WRONG_SECRET, THROTTLED, REFRESH, DEAD], refreshing)).toEqual([]);
  });

  it('are there for each grant that a connection uses', async () => {
    expect(await missing([SUCCESS, WRONG_SECRET, THROTTLED, DEAD], refreshing)).toEqual([
      'a success of "refresh_token"',
    ]);
  });

  it('say what is sent for each grant', async () => {
    expect(await missing([{ ...SUCCESS, request: undefined }, WRONG_SECRET, THROTTLED])).toEqual([
      'the "request" of "client_credentials"',
    ]);
  });

  it('have a name each', async () => {
    expect(await messages('error', { examples: [SUCCESS, SUCCESS, WRONG_SECRET, THROTTLED] })).toEqual([
      'examples: "client credentials" is the name of several: call each by its own',
    ]);
  });

  it('that do not replay are named with what differs', async () => {
    const examples = [{ ...SUCCESS, expect: { token: { expiresInSeconds: 1 } } }, WRONG_SECRET, THROTTLED];
    expect((await messages('error', { examples }))[0]).toBe(
      'examples[0] (client credentials): expiresInSeconds of the token: expected 1, found 3600',
    );
  });
});

describe('tokens', () => {
  it('that live too short for the defaults come with what to set', async () => {
    const short = {
      ...SUCCESS,
      response: { status: 200, body: { access_token: '{access_token}', expires_in: 300 } },
      expect: { token: { expiresInSeconds: 300 } },
    };
    const notes = await messages('note', { examples: [short, WRONG_SECRET, THROTTLED] });
    expect(notes).toEqual([
      expect.stringMatching(
        /^with its defaults, a reader that caches for 300 s .*: have readers cache for at most 105 s/,
      ),
    ]);
  });
});

describe('placeholders', () => {
  const shop = (pattern: string, tokenUrl = 'https://{shop}.acme.example/token') => ({
    tokenUrl,
    placeholders: { shop: { description: 'a shop', pattern, example: 'one' } },
    examples: [
      { ...SUCCESS, request: { ...SUCCESS.request, url: tokenUrl.replace('{shop}', 'one') } },
      WRONG_SECRET,
      THROTTLED,
    ],
  });

  it('that a pattern keeps in their place are fine', async () => {
    expect(await messages('error', shop('[a-z0-9-]+'))).toEqual([]);
    expect(await messages('error', shop('[a-z0-9-]+', 'https://id.acme.example/{shop}/token'))).toEqual([]);
  });

  it.each([
    ['.*', '"", " ", "." and 21 more'],
    ['[^/]+', '" ", ".", ".." and 15 more'],
    ['[\\w.]+', '".", ".."'],
    ['[\\w%]+', '"%2f", "%2e%2e", "a%0ab"'],
    ['[\\w@]+', '"a@b"'],
    ['one|\\w+:\\w+@.+', '"a:b@evil.example"'],
  ])('that the pattern %s lets out of their place are not', async (pattern, accepted) => {
    expect(await messages('error', shop(pattern))).toEqual([
      `placeholders.shop.pattern: lets ${accepted} through, which would leave the place in the URL: allow the characters that the provider uses, and no more`,
    ]);
  });

  it('that lead to the host of anybody are noted', async () => {
    const notes = await messages('note', shop('[a-z0-9][a-z0-9.-]*[a-z0-9]', 'https://{shop}/token'));
    expect(notes).toEqual([
      'placeholders.shop: takes the host of anybody, which is right only for a server that anybody runs',
    ]);
  });

  it('that end in a host of the provider are not', async () => {
    expect(await messages('note', shop('[a-z0-9][a-z0-9.-]*[a-z0-9]'))).toEqual([]);
    expect(await messages('note', shop('[a-z]+\\.acme\\.example|one', 'https://{shop}/token'))).toEqual([]);
  });

  it('that stand in no URL may hold what a URL may not', async () => {
    const fields = {
      placeholders: {
        resource: { description: 'an API', pattern: 'https://\\S+', example: 'https://api.example' },
      },
      request: { parameters: { resource: '{resource}' } },
      examples: [
        {
          ...SUCCESS,
          request: {
            ...SUCCESS.request,
            body: 'grant_type=client_credentials&resource=https%3A%2F%2Fapi.example',
          },
        },
        WRONG_SECRET,
        THROTTLED,
      ],
    };
    expect(await messages('error', fields)).toEqual([]);
  });

  it('with listed values lead to a usable URL each', async () => {
    const fields = {
      ...shop('x'),
      placeholders: {
        shop: { description: 'a shop', values: { one: 'one', other: 'evil.example/#' }, example: 'one' },
      },
    };
    expect(await messages('error', fields)).toEqual([expect.stringMatching(/^tokenUrl: .*evil\.example/)]);
  });
});
