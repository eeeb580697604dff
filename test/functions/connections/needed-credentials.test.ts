import { describe, expect, it } from 'vitest';
import { misspeltField, neededCredentials } from '../../../functions/connections/needed-credentials.ts';
import { identityRulesSchema } from '../../../functions/oauth/assertion-rules.ts';
import { requestRulesSchema } from '../../../functions/oauth/endpoint-rules.ts';
import { JWT_BEARER, SAML2_BEARER, TOKEN_EXCHANGE } from '../../../functions/oauth/grant-type.ts';
import { loadPreset } from '../../../functions/providers/load-preset.ts';

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

  it.each([
    [
      'a certificate in TLS',
      ['client_credentials'],
      { clientAuthentication: 'tls_client_auth' },
      ['client_id', 'private_key', 'certificate'],
    ],
    [
      'a certificate beside a secret',
      ['client_credentials'],
      { clientCertificate: true },
      ['client_id', 'client_secret', 'private_key', 'certificate'],
    ],
    [
      'the thumbprint of a certificate',
      ['client_credentials'],
      {
        clientAuthentication: 'private_key_jwt',
        assertion: { use: 'client', header: { 'x5t#S256': '{certificate.x5t#S256}' } },
      },
      ['client_id', 'private_key', 'certificate'],
    ],
    [
      'what an assertion names',
      [JWT_BEARER],
      {
        clientAuthentication: 'none',
        sendOnly: { [JWT_BEARER]: ['grant_type', 'assertion'] },
        assertion: {
          use: 'grant',
          header: { kid: '{credential.private_key_id}' },
          claims: { iss: '{credential.client_email}', sub: ['{credential.subject}'] },
        },
      },
      ['private_key', 'private_key_id', 'client_email', 'subject'],
    ],
    [
      'an assertion in the header, without a body',
      ['client_credentials'],
      { bodyFormat: 'none', assertion: { use: 'bearer' }, parameters: { account: '{credential.account}' } },
      ['client_id', 'private_key'],
    ],
    [
      'a token that is signed here',
      ['self_signed'],
      { assertion: { use: 'token', claims: { iss: '{credential.username}.{key.sha256}' } } },
      ['private_key', 'username'],
    ],
    ['what nobody says how to sign', ['self_signed'], {}, []],
    [
      'a stored subject token',
      [TOKEN_EXCHANGE],
      { clientAuthentication: 'none' },
      ['client_id', 'subject_token'],
    ],
    [
      'a subject token that a parameter brings',
      [TOKEN_EXCHANGE],
      { clientAuthentication: 'none', parameters: { subject_token: '{credential.own}' } },
      ['client_id', 'own'],
    ],
    ['a stored SAML assertion', [SAML2_BEARER], { clientAuthentication: 'none' }, ['client_id', 'assertion']],
    [
      'parameters and headers that are sent',
      ['client_credentials', 'refresh_token'],
      {
        clientAuthentication: 'none',
        sendOnly: { refresh_token: ['grant_type', 'refresh_token', 'seen'] },
        parameters: { seen: '{credential.seen}', list: ['{credential.a}', '{credential.b}'] },
        parametersByGrant: {
          client_credentials: { seen: 'fixed' },
          refresh_token: { hidden: '{credential.hidden}' },
        },
        headers: { 'x-api-key': '{credential.api_key}' },
      },
      ['client_id', 'a', 'b', 'api_key', 'seen'],
    ],
  ])('with %s', (_, grants, request, needed) => {
    expect(neededCredentials(grants, rules(request))).toEqual(needed);
  });

  it('are no private key where another holds it', () => {
    const request = {
      clientAuthentication: 'private_key_jwt',
      headers: { 'x-key': '{key.sha256}' },
    };
    const signingKey = { kmsKeyArn: 'arn:key' };
    expect(neededCredentials(['client_credentials'], rules(request), { signingKey })).toEqual(['client_id']);
    expect(neededCredentials(['client_credentials'], rules(request))).toEqual(['client_id', 'private_key']);
  });

  it.each(['client', 'grant', 'subject', 'token'] as const)(
    'are none where the role’s own token is the %s',
    (use) => {
      const identity = identityRulesSchema.parse({ use, audience: 'api' });
      const grant = {
        client: 'client_credentials',
        grant: JWT_BEARER,
        subject: TOKEN_EXCHANGE,
        token: 'self_signed',
      }[use];
      const request = { assertion: { use: use === 'token' ? 'token' : 'grant' } };
      expect(neededCredentials([grant], rules(request), { identity })).toEqual([]);
    },
  );

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

describe('a name that is nearly one of ours', () => {
  it.each([
    ['clientSecrets', 'client_secret'],
    ['clinet_id', 'client_id'],
    ['Client-ID', 'client_id'],
    ['usrname', 'username'],
    ['passwd', 'password'],
    ['certificates', 'certificate'],
  ])('%s is %s misspelt', (name, meant) => {
    expect(misspeltField(name)).toBe(meant);
  });

  it.each([
    'client_id',
    'private_key_id',
    'client_email',
    'client_x509_cert_url',
    'project_id',
    'subject',
    'subject_token',
    'kid',
    'key',
    'api_key',
    'assertion',
    'user_id',
    'app_id',
    'account_id',
  ])('%s is a name of its own', (name) => {
    expect(misspeltField(name)).toBeUndefined();
  });
});
