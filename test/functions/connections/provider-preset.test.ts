import { expect, test } from 'vitest';
import { providerPresetSchema } from '../../../functions/connections/provider-preset.ts';

const preset = {
  schema: 1,
  id: 'acme',
  name: 'Acme',
  docsUrl: 'https://acme.example/docs',
  tokenUrl: 'https://{domain}/token',
  placeholders: {
    domain: { description: 'your host', pattern: '[a-z]+\\.acme\\.example', example: 'mine.acme.example' },
  },
  grants: ['client_credentials'],
  supportedGrants: ['client_credentials'],
};
const refusals = (change: object) =>
  providerPresetSchema
    .safeParse({ ...preset, ...change })
    .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

test('refuses a placeholder that no pattern guards, in any URL', () => {
  expect(refusals({ placeholders: {} })).toEqual([
    'tokenUrl: holds "{domain}", which is not among the placeholders',
  ]);
  expect(refusals({ probe: { method: 'GET', url: 'https://{region}.acme.example/' } })).toEqual([
    'probe: holds "{region}", which is not among the placeholders',
  ]);
});

test.each(['[a-z', '[a-z]+', 'mine.acme.example.*x'])(
  'refuses the pattern %j, which its example does not match',
  (pattern) => {
    const domain = { ...preset.placeholders.domain, pattern };
    expect(refusals({ placeholders: { domain } })).toEqual([
      `placeholders.domain: the pattern ${pattern} does not match its example "mine.acme.example"`,
    ]);
  },
);

test('refuses a chain with a grant type that the provider lacks', () => {
  expect(refusals({ grants: ['refresh_token'] })).toEqual([
    'grants: "refresh_token" is not among supportedGrants',
  ]);
});

test('refuses http', () => {
  expect(refusals({ tokenUrl: 'http://acme.example/token' })).toEqual(['tokenUrl: must be an https URL']);
});

test('refuses an unknown key', () => {
  expect(refusals({ tokenURL: 'https://acme.example/' })).toEqual([': Unrecognized key: "tokenURL"']);
});

test('fills in what RFC 6749 says', () => {
  expect(providerPresetSchema.parse(preset)).toMatchObject({
    request: { clientAuthentication: 'client_secret_basic', method: 'POST' },
    refreshToken: { rotates: 'sometimes', graceSeconds: 0 },
  });
});
