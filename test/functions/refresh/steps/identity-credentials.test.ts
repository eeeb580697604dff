import { expect, it } from 'vitest';
import { RFC_PRESET, resolveConnection } from '../../../../functions/connections/resolve-connection.ts';
import { identityRulesSchema } from '../../../../functions/oauth/assertion-rules.ts';
import {
  credentialsVersionId,
  identityCredentials,
} from '../../../../functions/refresh/steps/identity-credentials.ts';

const preset = { ...RFC_PRESET, identity: identityRulesSchema.parse({ use: 'client', audience: 'x' }) };
const resolved = (changes: object) =>
  resolveConnection('crm', { tokenUrl: 'https://idp.example.com/token', ...changes } as never, preset);
/** A store that nobody should ask. */
const noStore = { currentVersionId: () => Promise.reject(new Error('the store was asked')) };

it('what stands in for credentials is a public id at most, and never changes its version', async () => {
  const own = resolved({ identity: 'aws', clientId: 'public' });
  expect(identityCredentials(own)).toEqual({
    value: { client_id: 'public' },
    versionId: 'identity',
    createdAt: 0,
    stages: [],
  });
  expect(identityCredentials(resolved({ identity: 'aws' }))?.value).toEqual({});
  expect(await credentialsVersionId(own, noStore)).toBe('identity');
});

it('nothing stands in for credentials that there are, beside an identity too', async () => {
  const both = resolved({ identity: 'aws', credentials: 'client' });
  expect(identityCredentials(both)).toBeUndefined();
  const store = { currentVersionId: async (ref: unknown) => `current of ${ref}` };
  expect(await credentialsVersionId(both, store)).toBe('current of client');
  expect(await credentialsVersionId(resolved({ credentials: 'client' }), store)).toBe('current of client');
});
