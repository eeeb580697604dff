import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { canarySecret } from '../support/canary.ts';
import { ROOT } from '../support/source-files.ts';
import { protectedApi } from './support/protected-api.ts';
import { readerWorld } from './support/published-token.ts';

/** Of its own, minified, without the SDK. A quarter of it is for tokens that lie in a parameter, most of that sentences. */
const MOST_BYTES = 7_400;

describe('the functions that need no set-up', () => {
  beforeEach(() => {
    vi.resetModules();
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', canarySecret('aws-secret-access-key'));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  /** Far from expiring by the clock of this machine, which they go by. */
  const expires_at = Math.floor(Date.now() / 1000) + 86_400;

  test('read with the settings of the environment, which may come after the import', async () => {
    const { accessToken, authorizationHeader, fetchWithToken } = await import('../../reader/index.ts');
    const world = await readerWorld();
    const api = await protectedApi();
    vi.stubEnv('AWS_ENDPOINT_URL', world.endpoint.url);
    const token = await world.publish('one', { expires_at });
    api.accepts = `Bearer ${token}`;
    expect(await accessToken('crm')).toBe(token);
    expect(await authorizationHeader('crm', { scheme: 'token' })).toBe(`token ${token}`);
    expect((await fetchWithToken('crm')(api.url)).status).toBe(200);
    expect(world.reads()).toBe(1);
  });

  test('and follow a secret to its parameter', async () => {
    const { accessToken } = await import('../../reader/index.ts');
    const world = await readerWorld();
    vi.stubEnv('AWS_ENDPOINT_URL', world.endpoint.url);
    const token = await world.publishParameter('one', { expires_at });
    expect(await accessToken('crm')).toBe(token);
    expect(await accessToken('crm')).toBe(token);
    expect([world.reads(), world.parameterReads()]).toEqual([1, 1]);
  });

  test('and from the namespace of EVERTOKEN_NAMESPACE', async () => {
    const { accessToken } = await import('../../reader/index.ts');
    const world = await readerWorld();
    vi.stubEnv('AWS_ENDPOINT_URL', world.endpoint.url);
    vi.stubEnv('EVERTOKEN_NAMESPACE', 'staging');
    const access_token = canarySecret('staging');
    await world.store('staging/tokens/crm', JSON.stringify({ access_token, expires_at }));
    expect(await accessToken('crm')).toBe(access_token);
  });

  test.each(['accessToken', 'authorizationHeader'] as const)('%s rejects for a wrong name', async (name) => {
    const reader = await import('../../reader/index.ts');
    await expect(reader[name]('')).rejects.toThrow(TypeError);
  });
});

describe('the bundle of a consumer', () => {
  const bundle = () =>
    build({
      entryPoints: [`${ROOT}reader/index.ts`],
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      packages: 'external',
      metafile: true,
      write: false,
    });

  test(`gets less than ${MOST_BYTES} bytes of ours`, async () => {
    const { outputFiles } = await bundle();
    expect(outputFiles[0]?.contents.byteLength).toBeLessThan(MOST_BYTES);
    // Far less would mean that nothing was bundled.
    expect(outputFiles[0]?.contents.byteLength).toBeGreaterThan(MOST_BYTES / 2);
  });

  test('needs nothing but the Secrets Manager client, and that of SSM once a token lies in a parameter', async () => {
    const { metafile } = await bundle();
    const imported = Object.values(metafile.outputs).flatMap(({ imports }) =>
      imports.map(({ kind, path }) => `${kind} ${path}`),
    );
    expect(new Set(imported)).toEqual(
      new Set(['import-statement @aws-sdk/client-secrets-manager', 'dynamic-import @aws-sdk/client-ssm']),
    );
    const inputs = Object.keys(metafile.inputs);
    expect(inputs.filter((path) => !path.startsWith('reader/'))).toEqual([]);
  });
});

test('what a consumer can import', async () => {
  expect(Object.keys(await import('../../reader/index.ts')).sort()).toEqual([
    'TokenReaderError',
    'accessToken',
    'authorizationHeader',
    'createTokenReader',
    'fetchWithToken',
  ]);
});
