import { generateKeyPairSync } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { Stack } from 'aws-cdk-lib';
import { createLocalJWKSet, jwtVerify, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { PublicKeySet, SynthProblem } from '../../infra/index.ts';
import { createApp, resourceOf, templateOf } from '../support/synthesised.ts';

const pair = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const key = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'key-1', use: 'sig' };

function synthesised(props: Partial<ConstructorParameters<typeof PublicKeySet>[2]> = {}) {
  const stack = new Stack(createApp(), 'app');
  const set = new PublicKeySet(stack, 'Keys', { jwks: { keys: [key] }, ...props });
  return { set, stack, template: templateOf(stack) };
}

/** What CloudFront answers, by its own function. */
function answer(uri: string, method = 'GET', props = {}) {
  const { template } = synthesised(props);
  const code = String(
    resourceOf(template, 'AWS::CloudFront::Function', 'KeysAnswer').Properties['FunctionCode'],
  );
  return runInNewContext(`${code}; handler({ request: ${JSON.stringify({ uri, method })} })`);
}

describe('a public key set', () => {
  test('is served with its type, and checks what the private key signed', async () => {
    const { statusCode, headers, body } = answer('/.well-known/jwks.json');
    expect(statusCode).toBe(200);
    expect(headers['content-type'].value).toBe('application/jwk-set+json');
    expect(headers['cache-control'].value).toBe('public, max-age=300');
    const jwt = await new SignJWT({ sub: 'me' })
      .setProtectedHeader({ alg: 'ES384', kid: 'key-1' })
      .sign(pair.privateKey);
    const { payload } = await jwtVerify(jwt, createLocalJWKSet(JSON.parse(body.data)));
    expect(payload.sub).toBe('me');
  });

  test('lies elsewhere, and is kept for longer, where that is said', () => {
    const props = { path: '/keys.json', cacheSeconds: 60 };
    expect(answer('/keys.json', 'HEAD', props).headers['cache-control'].value).toBe('public, max-age=60');
    expect(answer('/.well-known/jwks.json', 'GET', props).statusCode).toBe(404);
  });

  test.each([
    ['/', 'GET'],
    ['/.well-known/jwks.json', 'POST'],
  ])('answers nothing else: %s with %s', (uri, method) => {
    expect(answer(uri, method).statusCode).toBe(404);
  });

  test('is reached through TLS alone', () => {
    const { template, set } = synthesised();
    const { DistributionConfig } = resourceOf(template, 'AWS::CloudFront::Distribution', 'KeysDistribution')
      .Properties as { DistributionConfig: { DefaultCacheBehavior: { ViewerProtocolPolicy: string } } };
    expect(DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy).toBe('https-only');
    expect(set.url).toMatch(/^https:\/\/.*\/\.well-known\/jwks\.json$/);
  });

  test.each(['d', 'p', 'k'])(
    'with the private member %s is refused, and the value is not repeated',
    (member) => {
      const jwks = { keys: [key, { ...key, [member]: 'fake-private' }] };
      expect(() => synthesised({ jwks })).toThrow(SynthProblem);
      expect(() => synthesised({ jwks })).toThrow(
        new RegExp(`^jwks\\.keys\\[1\\]: holds the private member "${member}"`),
      );
      expect(() => synthesised({ jwks })).not.toThrow(/fake-private/);
    },
  );

  test.each([
    [{ jwks: { keys: [] } }, /as "evertoken jwks" prints it/],
    [{ jwks: { keys: Array.from({ length: 60 }, () => key) } }, /is longer than/],
    [{ path: '/a"b' }, /expected one such as/],
  ])('that cannot be served is refused: %#', (props, message) => {
    expect(() => synthesised(props)).toThrow(message);
  });
});
