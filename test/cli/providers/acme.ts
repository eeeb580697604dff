import { type ProviderPreset, providerPresetSchema } from '../../../functions/connections/provider-preset.ts';

/** An example as a file has it. */
export const SUCCESS = {
  name: 'client credentials',
  grant: 'client_credentials',
  request: {
    url: 'https://id.acme.example/token',
    headers: { authorization: 'Basic {basic}' },
    body: 'grant_type=client_credentials',
  },
  response: { status: 200, body: { access_token: '{access_token}', expires_in: 3600, token_type: 'Bearer' } },
  expect: { token: { expiresInSeconds: 3600 } },
};
export const WRONG_SECRET = {
  name: 'wrong secret',
  grant: 'client_credentials',
  response: { status: 401, body: { error: 'invalid_client' } },
  expect: { error: { kind: 'client-refused', code: 'invalid_client' } },
};
export const THROTTLED = {
  name: 'too many requests',
  grant: 'client_credentials',
  response: { status: 429 },
  expect: { error: { kind: 'throttled' } },
};

/** The preset of a provider that does not exist, as its file has it. */
export function acmeFile(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    schema: 1,
    id: 'acme',
    name: 'Acme',
    docsUrl: 'https://acme.example/docs',
    verifiedAt: '2026-01-01',
    tokenUrl: 'https://id.acme.example/token',
    grants: ['client_credentials'],
    examples: [SUCCESS, WRONG_SECRET, THROTTLED],
    ...fields,
  };
}

/** `acmeFile`, read. */
export function acme(fields: Readonly<Record<string, unknown>> = {}): ProviderPreset {
  return providerPresetSchema.parse(acmeFile(fields));
}
