import { createPrivateKey } from 'node:crypto';
import { exportJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { assertionRulesSchema, identityRulesSchema } from '../../../../functions/oauth/assertion-rules.ts';
import { requestRulesSchema } from '../../../../functions/oauth/endpoint-rules.ts';
import {
  type ProofInput,
  RequestMaterial,
  type TokenRequestContext,
} from '../../../../functions/oauth/request/request-material.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { canarySecret } from '../../../support/canary.ts';
import { testCertificate } from '../../../support/certificate.ts';
import { KEYS } from '../../../support/signing-keys.ts';
import { fakeSecret, tokenErrorOf } from '../../../support/token-input.ts';

const URL_ = 'https://idp.example.com/token';
const CLIENT = assertionRulesSchema.parse({ use: 'client' });
const IDENTITY = identityRulesSchema.parse({ use: 'client', audience: 'api://provider' });
const signingKey = { kmsKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/1' };

function material(input: Partial<ProofInput> = {}, context: Partial<TokenRequestContext> = {}) {
  return new RequestMaterial(
    {
      request: requestRulesSchema.parse({}),
      credentials: { client_id: 'client-1', private_key: KEYS.p256.pem },
      tokenUrl: URL_,
      ...input,
    },
    { now: () => 0, uuid: () => 'u', ...context },
  );
}

describe('a proof', () => {
  it('is made once for one request', async () => {
    const made = material();
    expect(await made.assertion(CLIENT)).toBe(await made.assertion(CLIENT));
    expect(await made.assertion(CLIENT)).not.toBe(await made.assertion({ ...CLIENT }));
  });

  it('is signed by the key that is held elsewhere, though one is stored too', async () => {
    const asked: unknown[] = [];
    const { signal } = new AbortController();
    const made = material(
      { signingKey },
      {
        signal,
        signer: (...args) => {
          asked.push(args);
          return { algorithms: ['ES256'], sign: async () => new Uint8Array([1, 2, 3]) };
        },
      },
    );
    expect((await made.assertion(CLIENT)).reveal().split('.')[2]).toBe('AQID');
    await made.assertion({ ...CLIENT });
    expect(asked).toEqual([[signingKey, signal]]);
  });

  it('of the role is asked for with the rules, and once', async () => {
    const asked: unknown[] = [];
    const made = material(
      {},
      {
        identityToken: async (rules) => {
          asked.push(rules);
          return fakeSecret('identity');
        },
      },
    );
    await made.identityToken(IDENTITY);
    expect((await made.identityToken(IDENTITY)).reveal()).toBe(canarySecret('identity'));
    expect(asked).toEqual([IDENTITY]);
    expect(made.proof?.reveal()).toBe(canarySecret('identity'));
  });

  it.each([
    ['signing_key_unavailable', () => material({ signingKey }).assertion(CLIENT)],
    ['identity_unavailable', () => material().identityToken(IDENTITY)],
    ['missing_private_key', () => material({ credentials: { client_id: 'c' } }).assertion(CLIENT)],
    [
      'public_key_unavailable',
      () =>
        material({ signingKey }, { signer: () => ({ sign: async () => new Uint8Array(1) }) }).templates.fill(
          '{key.sha256}',
          'x',
        ),
    ],
  ])('that nobody here can give is refused: %s', async (code, action) => {
    expect(await tokenErrorOf(action)).toMatchObject({ kind: 'configuration', code });
  });

  it('and all that is stored is kept from view', async () => {
    const made = material({
      credentials: {
        client_id: 'client-1',
        client_secret: fakeSecret('client-secret'),
        password: fakeSecret('password'),
        private_key: KEYS.p256.pem,
        fields: { subject: fakeSecret('subject'), other: fakeSecret('never sent') },
      },
    });
    await made.templates.fill('{credential.subject}', 'x');
    const jwt = await made.assertion(CLIENT);
    expect(made.secrets.map((secret) => secret.reveal())).toEqual([
      canarySecret('client-secret'),
      canarySecret('password'),
      KEYS.p256.pem.reveal(),
      canarySecret('subject'),
      jwt.reveal(),
    ]);
  });
});

describe('the certificate of a client', () => {
  const { cert, key } = testCertificate('client.example');
  const request = requestRulesSchema.parse({ clientCertificate: true });
  const stored = { client_id: 'c', certificate: cert, private_key: new Secret(key) };

  it('is part of what asks for it, and of nothing else', () => {
    expect(material({ credentials: stored }).clientCertificate('none', URL_)).toBeUndefined();
    for (const shown of [
      material({ credentials: stored }).clientCertificate('tls_client_auth', URL_),
      material({ credentials: stored, request }).clientCertificate('client_secret_basic', URL_),
    ]) {
      expect(shown?.certificate.reveal()).toBe(cert);
      expect(shown?.privateKey.reveal()).toBe(key);
      expect(JSON.stringify(shown)).toBe('{"certificate":"[secret]","privateKey":"[secret]"}');
    }
  });

  it('has its key in PEM, though that is stored as a JWK', async () => {
    const jwk = new Secret(JSON.stringify(await exportJWK(createPrivateKey(key))));
    const made = material({ credentials: { ...stored, private_key: jwk }, request });
    expect(made.clientCertificate('none', URL_)?.privateKey.reveal()).toBe(key);
  });

  it.each([
    ['missing_certificate', { private_key: new Secret(key) }],
    ['missing_private_key', { certificate: cert }],
    ['invalid_certificate', { ...stored, certificate: canarySecret('no certificate') }],
    ['invalid_certificate', { ...stored, private_key: KEYS.p256.pem }],
    ['invalid_private_key', { ...stored, private_key: fakeSecret('no key') }],
  ])('must be one, and belong to its key: %s', async (code, credentials) => {
    const error = await tokenErrorOf(() =>
      material({ credentials, request }).clientCertificate('none', URL_),
    );
    expect(error).toMatchObject({ kind: 'configuration', code });
    expect(error.message).not.toContain('CANARY');
  });

  it('is shown in TLS alone', async () => {
    const error = await tokenErrorOf(() =>
      material({ credentials: stored, request }).clientCertificate('none', 'http://127.0.0.1:8080/token'),
    );
    expect(error).toMatchObject({ kind: 'configuration', code: 'insecure_url' });
  });
});
