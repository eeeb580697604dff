import { describe, expect, it } from 'vitest';
import { presetExampleSchema } from '../../../cli/providers/preset-example.ts';
import { replayExample } from '../../../cli/providers/replay-example.ts';
import { assertNoCanary, canarySecret } from '../../support/canary.ts';
import { acme, SUCCESS, THROTTLED, WRONG_SECRET } from './acme.ts';

/** What differs when this example of this preset is replayed. */
async function differences(preset: object, example: object): Promise<readonly string[]> {
  const found = await replayExample(acme({ ...preset }), presetExampleSchema.parse(example), canarySecret);
  assertNoCanary(found.join('\n'), 'the differences');
  return found;
}

const post = { request: { clientAuthentication: 'client_secret_post' } };
const withRequest = (request: object) => ({ ...SUCCESS, request: { ...SUCCESS.request, ...request } });
const withExpect = (expected: object) => ({ ...SUCCESS, expect: expected });

describe('an example that replays', () => {
  it.each([
    ['a success', {}, SUCCESS],
    ['a refusal', {}, WRONG_SECRET],
    ['a throttle', {}, THROTTLED],
    [
      'secrets in a form, each encoded there',
      post,
      withRequest({
        headers: {},
        body: 'grant_type=client_credentials&client_id={client_id}&client_secret={client_secret}',
      }),
    ],
    [
      'secrets in JSON, each escaped there',
      { request: { ...post.request, bodyFormat: 'json' } },
      withRequest({
        headers: { 'Content-Type': 'application/json' },
        body: '{"grant_type":"client_credentials","client_id":"{client_id}","client_secret":"{client_secret}"}',
      }),
    ],
    [
      'everything in the query',
      { request: { ...post.request, method: 'GET' } },
      {
        ...SUCCESS,
        request: {
          method: 'GET',
          url: 'https://id.acme.example/token?grant_type=client_credentials&client_id={client_id}&client_secret={client_secret}',
        },
      },
    ],
    ['Basic that is not encoded first', { request: { basicEncoding: 'raw' } }, SUCCESS],
    [
      'a scope and a parameter of the connection',
      { request: { scopeSeparator: ',' } },
      {
        ...SUCCESS,
        scope: 'read write',
        parameters: { audience: 'https://api.acme.example' },
        request: {
          ...SUCCESS.request,
          body: 'grant_type=client_credentials&scope=read%2Cwrite&audience=https%3A%2F%2Fapi.acme.example',
        },
      },
    ],
    [
      'another way to authenticate the client',
      {},
      {
        ...withRequest({ headers: {}, body: 'grant_type=client_credentials&client_id={client_id}' }),
        clientAuthentication: 'none',
      },
    ],
    [
      'a refresh at its own URL',
      { grants: ['refresh_token'], refreshUrl: 'https://id.acme.example/refresh' },
      {
        ...withRequest({
          url: 'https://id.acme.example/refresh',
          body: 'grant_type=refresh_token&refresh_token={refresh_token}',
        }),
        grant: 'refresh_token',
      },
    ],
    [
      'an answer in form encoding',
      {},
      {
        ...SUCCESS,
        response: {
          status: 200,
          body: 'access_token={access_token}&expires_in=60&refresh_token={refresh_token}',
        },
        expect: { token: { expiresInSeconds: 60, refreshToken: true } },
      },
    ],
    [
      'a lifetime that only the preset knows',
      { defaultLifetimeSeconds: 1800 },
      {
        ...withExpect({ token: { expiresInSeconds: 1800 } }),
        response: { status: 200, body: { access_token: '{access_token}' } },
      },
    ],
    [
      'an endpoint that only the issuer knows',
      { tokenUrl: undefined, issuer: 'https://acme.example' },
      withRequest({ url: 'https://elsewhere.acme.example/token' }),
    ],
    [
      'placeholders with their examples, or as the example says',
      {
        tokenUrl: 'https://{shop}.acme.example/token',
        placeholders: { shop: { description: 'a shop', pattern: '[a-z]+', example: 'one' } },
      },
      { ...withRequest({ url: 'https://two.acme.example/token' }), placeholders: { shop: 'two' } },
    ],
  ])('%s', async (_, preset, example) => {
    expect(await differences(preset, example)).toEqual([]);
  });
});

describe('an example that does not', () => {
  it.each([
    [
      'another method',
      { request: { method: 'GET' } },
      withRequest({ url: 'https://id.acme.example/token?grant_type=client_credentials', body: undefined }),
      ['the method: expected "POST", found "GET"'],
    ],
    [
      'another URL',
      {},
      withRequest({ url: 'https://id.acme.example/tokens' }),
      ['the URL: expected "https://id.acme.example/tokens", found "https://id.acme.example/token"'],
    ],
    [
      'parameters in another order',
      post,
      withRequest({
        headers: {},
        body: 'client_id={client_id}&client_secret={client_secret}&grant_type=client_credentials',
      }),
      [
        'the body: expected "client_id={client_id}&client_secret={client_secret}&grant_type=client_credentials", ' +
          'found "grant_type=client_credentials&client_id={client_id}&client_secret={client_secret}"',
      ],
    ],
    [
      'a header that the example does not name',
      { request: { headers: { 'x-version': '2' } } },
      SUCCESS,
      ['the header x-version: expected none, found "2"'],
    ],
    [
      'a header that is not sent',
      post,
      withRequest({
        body: 'grant_type=client_credentials&client_id={client_id}&client_secret={client_secret}',
      }),
      ['the header authorization: expected "Basic {basic}", found none'],
    ],
    [
      'a secret in a header',
      {},
      withRequest({ headers: {} }),
      ['the header authorization: expected none, found "Basic {basic}"'],
    ],
    [
      'a body where the example has none',
      {},
      withRequest({ body: undefined }),
      ['the body: expected "", found "grant_type=client_credentials"'],
    ],
    [
      'a template that stands for nothing',
      {},
      withRequest({ body: 'grant_type={client_idd}' }),
      [expect.stringMatching(/^the body: "\{client_idd\}" stands for nothing; did you mean "client_id"\?/)],
    ],
    [
      'another lifetime',
      {},
      withExpect({ token: { expiresInSeconds: 7200 } }),
      ['expiresInSeconds of the token: expected 7200, found 3600'],
    ],
    [
      'a refresh token that did not come',
      {},
      withExpect({ token: { refreshToken: true } }),
      ['refreshToken of the token: expected true, found false'],
    ],
    [
      'a scope that the answer does not say',
      {},
      withExpect({ token: { scope: 'read' } }),
      ['scope of the token: expected "read", found none'],
    ],
    [
      'an extra that is not allowed through',
      {},
      {
        ...withExpect({ token: { extras: { instance_url: 'https://eu.acme.example' } } }),
        response: {
          status: 200,
          body: { access_token: '{access_token}', instance_url: 'https://eu.acme.example' },
        },
      },
      ['extras of the token: expected {"instance_url":"https://eu.acme.example"}, found {}'],
    ],
    [
      'an access token from the wrong field',
      { response: { fields: { access_token: 'id' } } },
      { ...SUCCESS, response: { status: 200, body: { id: '42', access_token: '{access_token}' } } },
      [
        'the access_token: expected "{access_token}" in the answer, found something else in its place',
        'expiresInSeconds of the token: expected 3600, found none',
      ],
    ],
    [
      'an error where a token is expected',
      {},
      { ...SUCCESS, response: WRONG_SECRET.response },
      [
        'the answer: expected a token, found the error "client-refused" (invalid_client): ' +
          'The token endpoint answered HTTP 401, invalid_client.',
      ],
    ],
    [
      'a token where an error is expected',
      {},
      { ...WRONG_SECRET, response: SUCCESS.response },
      ['the answer: expected the error "client-refused", found a token'],
    ],
    [
      'another kind of error',
      {},
      { ...WRONG_SECRET, expect: { error: { kind: 'refused' } } },
      [
        'the answer: expected the error "refused", found the error "client-refused" (invalid_client): ' +
          'The token endpoint answered HTTP 401, invalid_client.',
      ],
    ],
    [
      'another code',
      {},
      { ...WRONG_SECRET, expect: { error: { kind: 'client-refused', code: 'bad_client' } } },
      [
        'the answer: expected the error "client-refused" (bad_client), found the error "client-refused" ' +
          '(invalid_client): The token endpoint answered HTTP 401, invalid_client.',
      ],
    ],
    [
      'no answer to judge',
      {},
      { ...SUCCESS, response: undefined },
      ['the example has no "response" to judge'],
    ],
    [
      'a placeholder that the pattern refuses',
      {
        tokenUrl: 'https://{shop}.acme.example/token',
        placeholders: { shop: { description: 'a shop', pattern: '[a-z]+', example: 'one' } },
      },
      { ...SUCCESS, placeholders: { shop: 'evil.example/' } },
      [
        'the connection of the example cannot be used: placeholders: "evil.example/" is no shop of Acme: a shop, e.g. "one"',
      ],
    ],
  ])('%s', async (_, preset, example, expected) => {
    expect(await differences(preset, example)).toEqual(expected);
  });

  it('repeats no secret that the provider echoes', async () => {
    const echo = {
      status: 400,
      body: { error: 'invalid_request', error_description: 'bad {client_secret}' },
    };
    expect((await differences({}, { ...SUCCESS, response: echo }))[0]).toContain('(invalid_request)');
  });
});

describe('an assertion', () => {
  const request = {
    clientAuthentication: 'private_key_jwt',
    assertion: { use: 'client', algorithms: ['ES256'] },
  };
  const recorded = {
    ...withRequest({
      headers: {},
      body:
        'grant_type=client_credentials&client_id={client_id}' +
        '&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer' +
        '&client_assertion={assertion}',
    }),
    assertion: {
      header: { alg: 'ES256' },
      claims: {
        iss: '{client_id}',
        sub: '{client_id}',
        aud: 'https://id.acme.example/token',
        jti: '{uuid}',
        iat: 1767225600,
        exp: 1767225660,
      },
    },
  };

  it('is signed with a key of its kind, and compared by what it says', async () => {
    expect(await differences({ request }, recorded)).toEqual([]);
  });

  it('differs in its claims', async () => {
    const assertion = { claims: { ...recorded.assertion.claims, exp: 1 } };
    const [found] = await differences({ request }, { ...recorded, assertion });
    expect(found).toMatch(/^the claims of the assertion: expected .*"exp":1\}, found .*"exp":1767225660/);
  });

  it('differs in its header', async () => {
    const assertion = { header: { alg: 'RS256' } };
    const [found] = await differences({ request }, { ...recorded, assertion });
    expect(found).toMatch(/^the header of the assertion: expected \{"alg":"RS256"\}, found \{"alg":"ES256"/);
  });

  it('is missing', async () => {
    expect(
      await differences(
        {},
        { ...SUCCESS, request: { ...SUCCESS.request, body: 'a={assertion}' }, assertion: { claims: {} } },
      ),
    ).toEqual([
      'the body: holds "{assertion}", and the request that is built has none',
      'the assertion: expected one, found none',
    ]);
  });
});

describe('a token that nobody is asked for', () => {
  const request = {
    assertion: { use: 'token', lifetimeSeconds: 1200, jti: false, claims: { iss: '{credential.issuer_id}' } },
  };
  const recorded = {
    name: 'signed here',
    grant: 'self_signed',
    assertion: {
      header: { alg: 'RS256' },
      claims: {
        aud: 'https://id.acme.example/token',
        iat: 1767225600,
        exp: 1767226800,
        iss: '{credential.issuer_id}',
      },
    },
    expect: { token: { expiresInSeconds: 1200 } },
  };
  const preset = { request, grants: ['self_signed'] };

  it('is signed here, and compared by what it says', async () => {
    expect(await differences(preset, recorded)).toEqual([]);
  });

  it('differs in its lifetime, and has neither request nor answer', async () => {
    const expected = { token: { expiresInSeconds: 60 } };
    const { request: sent, response } = SUCCESS;
    expect(await differences(preset, { ...recorded, request: sent, response, expect: expected })).toEqual([
      'for this grant nothing is sent: leave "request" out',
      'for this grant nobody answers: leave "response" out',
      'expiresInSeconds of the token: expected 60, found 1200',
    ]);
  });

  it('cannot be refused', async () => {
    expect(await differences(preset, { ...recorded, expect: WRONG_SECRET.expect })).toEqual([
      'for this grant nobody answers, and there is no error to expect',
    ]);
  });

  it("is the role's own where the preset says so", async () => {
    const identity = { use: 'token', audience: 'acme', lifetimeSeconds: 900 };
    const claims = { aud: 'acme', iat: 1767225600, exp: 1767226500 };
    expect(
      await differences(
        { grants: ['self_signed'], identity },
        {
          name: 'of the role',
          grant: 'self_signed',
          assertion: { claims },
          expect: { token: { expiresInSeconds: 900 } },
        },
      ),
    ).toEqual([]);
  });
});

it("the role's own identity is sent in the place of credentials", async () => {
  const identity = { use: 'client', audience: 'api://acme' };
  const example = {
    ...withRequest({
      headers: {},
      body:
        'grant_type=client_credentials&client_id={client_id}' +
        '&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer' +
        '&client_assertion={assertion}',
    }),
    identity: 'aws',
    assertion: { claims: { aud: 'api://acme', iat: 1767225600, exp: 1767225900 } },
  };
  expect(await differences({ identity }, example)).toEqual([]);
});
