import { createHash, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  credentialsIn,
  literal,
  provesClient,
  RequestTemplates,
  type TemplateValues,
} from '../../../../functions/oauth/request/templates.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { canarySecret } from '../../../support/canary.ts';
import { testCertificate } from '../../../support/certificate.ts';
import { KEYS } from '../../../support/signing-keys.ts';
import { fakeSecret, tokenErrorOf } from '../../../support/token-input.ts';

const { cert } = testCertificate('client.example');
const spki = KEYS.p256.publicKey.export({ type: 'spki', format: 'der' });

function templates(more: Partial<TemplateValues> = {}): RequestTemplates {
  let ids = 0;
  return new RequestTemplates({
    credentials: {
      client_id: 'client-1',
      client_secret: fakeSecret('client-secret'),
      private_key: fakeSecret('key'),
      key_id: 'key-1',
      certificate: cert,
      username: 'someone',
      password: fakeSecret('password'),
      fields: { subject: fakeSecret('subject'), braces: new Secret('{tokenUrl}') },
    },
    tokenUrl: 'https://idp.example.com:8443/token?x=1',
    scope: 'read,write',
    uuid: () => `uuid-${++ids}`,
    publicKey: async () => spki,
    ...more,
  });
}

const fill = (template: string, assertion?: Secret) => templates().fill(template, 'the test', assertion);
const thumbprint = (hash: string) =>
  createHash(hash).update(new X509Certificate(cert).raw).digest('base64url');

describe('a template is filled in', () => {
  it.each([
    ['nothing to fill in', 'plain', 'plain'],
    ['a public credential', '{credential.client_id}', 'client-1'],
    ['a key id', '{credential.key_id}', 'key-1'],
    ['a user name', '{credential.username}', 'someone'],
    ['the secret', '{credential.client_secret}', canarySecret('client-secret')],
    ['the password', '{credential.password}', canarySecret('password')],
    ['a field that only a preset knows', 'a-{credential.subject}-z', `a-${canarySecret('subject')}-z`],
    ['the token URL', '{tokenUrl}', 'https://idp.example.com:8443/token?x=1'],
    ['its host alone', '{tokenHost}', 'idp.example.com:8443'],
    ['the scope as the provider writes it', '{scope}', 'read,write'],
    ['an id that is fresh each time', '{uuid} {uuid}', 'uuid-1 uuid-2'],
    ['the thumbprint of the certificate', '{certificate.x5t}', thumbprint('sha1')],
    ['its longer one', '{certificate.x5t#S256}', thumbprint('sha256')],
    [
      'the thumbprint of the public key',
      'SHA256:{key.sha256}',
      `SHA256:${createHash('sha256').update(spki).digest('base64')}`,
    ],
    ['what is filled in, which is not looked at again', '{credential.braces}', '{tokenUrl}'],
    ['other braces', '{} { tokenUrl } {"a":"{scope}"} }{', '{} { tokenUrl } {"a":"read,write"} }{'],
    ['what stands for itself', '{=scope} {==scope}', '{scope} {=scope}'],
  ])('with %s', async (_, template, filled) => {
    expect(await fill(template)).toBe(filled);
  });

  it('with the assertion, where there is one', async () => {
    expect(await fill('JWT {assertion}', fakeSecret('jwt'))).toBe(`JWT ${canarySecret('jwt')}`);
  });

  it('and the secrets that were filled in are kept in mind, what is public is not', async () => {
    const filling = templates();
    await filling.fill('{credential.client_id}{credential.key_id}{credential.username}', 'x');
    expect(filling.secrets).toEqual([]);
    await filling.fill('{credential.subject}{credential.password}', 'x');
    expect(filling.secrets.map((secret) => secret.reveal())).toEqual([
      canarySecret('subject'),
      canarySecret('password'),
    ]);
  });
});

describe('a template is refused', () => {
  it.each([
    ['tokenURL', 'nothing is known by that name'],
    ['credentials.subject', 'nothing is known by that name'],
    ['domain', 'nothing is known by that name'],
    ['credential.private_key', 'it is never sent'],
    ['assertion', 'nothing is signed for it'],
  ])('for {%s}, with what is known', async (name, why) => {
    const error = await tokenErrorOf(() => fill(`a {${name}}`));
    expect(error).toMatchObject({ kind: 'configuration', code: 'unknown_template' });
    expect(error.message).toContain(
      `"{${name}}" in the test cannot be filled in: ${why}. Use {credential.<field>}`,
    );
  });

  it.each(['tokenUrl', 'tokenHost'])('for {%s} where nobody is asked', async (name) => {
    const error = await tokenErrorOf(() => templates({ tokenUrl: '' }).fill(`{${name}}`, 'x'));
    expect(error).toMatchObject({ code: 'unknown_template' });
  });

  it.each(['client_id', 'client_secret', 'certificate', 'subject', 'toString', 'unread'])(
    'for a credential that is missing: %s',
    async (field) => {
      const credentials = { fields: {}, unread: ['subjekt', field] };
      const error = await tokenErrorOf(() =>
        templates({ credentials }).fill(`{credential.${field}}`, 'the claim "sub"'),
      );
      expect(error).toMatchObject({ kind: 'configuration', code: `missing_${field}` });
      expect(error.message).toBe(
        `"${field}" is missing or empty; the claim "sub" needs it. Found and not read: "subjekt". If one of them is meant, call it "${field}".`,
      );
    },
  );

  it('for an empty credential', async () => {
    const credentials = { fields: { subject: new Secret('') } };
    const error = await tokenErrorOf(() => templates({ credentials }).fill('{credential.subject}', 'x'));
    expect(error).toMatchObject({ code: 'missing_subject' });
  });

  it.each([
    ['missing_certificate', {}],
    ['invalid_certificate', { certificate: canarySecret('no certificate') }],
  ])('for the thumbprint of a certificate that is none: %s', async (code, credentials) => {
    const error = await tokenErrorOf(() => templates({ credentials }).fill('{certificate.x5t}', 'x'));
    expect(error).toMatchObject({ kind: 'configuration', code });
    expect(error.message).not.toContain('CANARY');
  });
});

it.each(['{scope}', '{=scope}', 'a {credential.x} b', '{{tokenUrl}}', '{"a": {}}', '{'])(
  'a literal comes out as it went in: %s',
  async (text) => {
    expect(await fill(literal(text))).toBe(text);
  },
);

it('tells what of the credentials a template names', () => {
  expect(credentialsIn('{credential.a} {credential.b} {=credential.c} {scope} credential.d')).toEqual([
    'a',
    'b',
  ]);
  expect(credentialsIn(7)).toEqual([]);
});

it.each([
  ['{credential.api_key}', true],
  ['JWT {assertion}', true],
  ['{=assertion}', false],
  ['{tokenUrl} {uuid}', false],
  ['Bearer fixed', false],
])('whether %s proves who asks: %s', (template, proves) => {
  expect(provesClient(template)).toBe(proves);
});
