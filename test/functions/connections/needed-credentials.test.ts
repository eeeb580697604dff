import { describe, expect, it } from 'vitest';
import { neededCredentials } from '../../../functions/connections/needed-credentials.ts';
import { requestRulesSchema } from '../../../functions/oauth/endpoint-rules.ts';
import { loadPreset } from '../../../functions/providers/presets.ts';

const rules = (given: object) => requestRulesSchema.parse(given);

describe('the credentials that grants need', () => {
  it.each([
    ['Basic', { clientAuthentication: 'client_secret_basic' }, ['client_id', 'client_secret']],
    ['the body', { clientAuthentication: 'client_secret_post' }, ['client_id', 'client_secret']],
    ['a key', { clientAuthentication: 'private_key_jwt' }, ['client_id', 'private_key']],
    ['nothing', { clientAuthentication: 'none' }, ['client_id']],
  ])('with authentication by %s', (_, request, needed) => {
    expect(neededCredentials(['refresh_token'], rules(request))).toEqual(needed);
  });

  it('are a person’s for the password grant', () => {
    expect(neededCredentials(['password'], rules({}))).toEqual([
      'client_id',
      'client_secret',
      'username',
      'password',
    ]);
  });

  it('are those of all grants together, and none that a provider would refuse', async () => {
    const kajabi = await loadPreset('kajabi');
    expect(kajabi && neededCredentials(kajabi.grants, kajabi.request)).toEqual([
      'client_id',
      'client_secret',
    ]);
    expect(kajabi && neededCredentials(['refresh_token'], kajabi.request)).toEqual([]);
    expect(kajabi && neededCredentials(['password'], kajabi.request)).toEqual(['username', 'password']);
  });
});
