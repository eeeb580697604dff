import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import { exampleCertificate } from '../../../cli/providers/example-certificate.ts';

it.each([
  ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
  ['P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
  ['P-521', generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey],
  ['Ed25519', generateKeyPairSync('ed25519').privateKey],
])('a certificate of a key of %s is one, and that key has signed it', (_, key) => {
  const certificate = new X509Certificate(exampleCertificate(key));
  expect(certificate.checkPrivateKey(key)).toBe(true);
  expect(certificate.verify(createPublicKey(key))).toBe(true);
  expect(certificate.subject).toBe('CN=fake');
});
