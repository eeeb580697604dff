import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { connectionFieldsSchema } from '../../../../functions/connections/connection-fields.ts';
import { providerPresetSchema } from '../../../../functions/connections/provider-preset.ts';
import {
  connectionFieldsShape,
  providerPresetShape,
} from '../../../../functions/connections/shapes/declared-shapes.ts';
import { REFUSED } from '../../../../functions/connections/shapes/shape.ts';
import { presetIdsSync } from '../../../../functions/providers/presets.ts';

type Json = null | string | number | boolean | readonly Json[] | { readonly [key: string]: Json };

const presetOf = (id: string): Json =>
  JSON.parse(readFileSync(new URL(`../../../../functions/providers/${id}.json`, import.meta.url), 'utf8'));

const ASSERTION = {
  use: 'grant',
  algorithms: ['RS256', 'Ed25519'],
  lifetimeSeconds: 300,
  backdatedSeconds: 30,
  jti: false,
  header: { kid: '{credential.key_id}' },
  claims: { iss: '{client_id}', n: 1, yes: true, gone: null, aud: ['a', 'b'] },
};

/** Whatever rules may say, once. */
const RULES = {
  name: 'Acme',
  issuer: 'https://{region}.acme.example',
  tokenUrl: 'https://{region}.acme.example/token',
  refreshUrl: 'https://acme.example/refresh',
  authorizationUrl: 'https://acme.example/authorize?a=b',
  deviceAuthorizationUrl: 'http://127.0.0.1:8080/device',
  authorizationParameters: { access_type: 'offline', resource: ['a', 'b'] },
  placeholders: {
    region: { description: 'where', values: { eu: 'eu1', us: 'us1' }, default: 'eu', example: 'us' },
    tenant: { description: 'whose', pattern: '[a-z]+', example: 'mine' },
  },
  grants: ['refresh_token', 'client_credentials'],
  supportedGrants: ['refresh_token', 'client_credentials', 'password'],
  request: {
    clientAuthentication: 'private_key_jwt',
    clientAuthenticationByGrant: { password: 'none' },
    basicEncoding: 'raw',
    basicScheme: 'Basis',
    clientCertificate: true,
    assertion: ASSERTION,
    assertionByGrant: { password: { use: 'client' } },
    method: 'GET',
    bodyFormat: 'json',
    parameterLocation: 'query',
    parameterNames: { client_id: 'app' },
    parameters: { audience: 'a' },
    parametersByGrant: { password: { resource: ['a'] } },
    requiredParameters: { account_id: 'which account' },
    sendOnly: { password: ['username'] },
    headers: { accept: 'application/json' },
    scopeSeparator: ',',
    defaultScope: 'read write',
  },
  response: {
    path: ['data'],
    fields: { access_token: 'token' },
    expiresInUnit: 'minutes',
    expiresAtField: 'until',
    expiresAtUnit: 'milliseconds',
    refreshTokenExpiresInField: 'refresh_expires',
    extras: ['instance_url'],
    successStatus: [200, 299],
    successWhen: { 'data.ok': [true, 1, 'yes'] },
  },
  errors: {
    codePaths: ['error.code'],
    messagePaths: ['errors.0.message'],
    invalidGrant: ['dead'],
    invalidClient: ['who'],
    configuration: ['wrong'],
    throttled: ['slow'],
    transient: ['later'],
  },
  refreshToken: {
    rotates: 'always',
    graceSeconds: 60,
    lifetimeSeconds: 86_400,
    inactivitySeconds: 3_600,
    jwtExpiry: true,
    notFromGrants: ['password'],
  },
  accessToken: {
    endsPrevious: true,
    earliestRefreshSeconds: 60,
    presentation: { header: 'X-Token', scheme: '', headers: { 'x-version': '1' } },
  },
  identity: { use: 'client', audience: 'https://acme.example', algorithm: 'ES384', lifetimeSeconds: 60 },
  defaultLifetimeSeconds: 3_600,
  budgets: [{ calls: 10, perSeconds: 86_400, scope: 'provider' }],
  probe: { method: 'GET', url: 'https://acme.example/me' },
  revocation: { url: 'https://acme.example/revoke/{credential.client_id}', style: 'client-delete' },
} satisfies Json;

const PRESET = {
  schema: 1,
  id: 'acme',
  docsUrl: 'https://acme.example/docs',
  verifiedAt: '2024-02-29',
  recalled: ['tokenUrl'],
  obtain: 'In the console.',
  notes: '',
  examples: [{ name: 'any', nested: { whatever: [null] } }],
  ...RULES,
} satisfies Json;

const SECRET = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:crm/api-AbCdEf';
const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f';

/** Whatever a connection may say, together or not. */
const CONNECTIONS: Readonly<Record<string, Json>> = {
  'says as much as it can': {
    schema: 1,
    provider: 'acme',
    issuer: 'https://idp.example.com',
    tokenUrl: 'https://idp.example.com/token?tenant=we',
    authorizationUrl: 'https://idp.example.com/authorize',
    deviceAuthorizationUrl: 'https://idp.example.com/device',
    revocationUrl: 'https://idp.example.com/revoke',
    placeholders: { region: 'eu' },
    credentials: { secretArn: SECRET, keyArn: KEY, fields: { client_id: 'id' } },
    signingKey: { kmsKeyArn: KEY },
    identity: 'aws',
    clientId: 'we',
    grants: ['refresh_token', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
    scope: 'read write',
    clientAuthentication: 'client_secret_basic',
    basicEncoding: 'form',
    parameters: { audience: 'a', resource: ['b', 'c'] },
    rules: RULES,
    acceptExperimental: true,
    token: { secretArn: SECRET },
    publishTo: 'parameter',
    defaultLifetimeSeconds: 3_600,
    marginSeconds: 600,
    readerCacheSeconds: 0,
    consoleRotate: false,
    adopt: true,
    publishIdToken: true,
    declaredBy: 'cli',
  },
  'names its credentials': { tokenUrl: 'https://idp.example.com/token', credentials: 'books/acme' },
  'bends a part': { provider: 'kajabi', credentials: 'main', rules: { request: {}, accessToken: {} } },
};

/** What no field takes, or another kind of value than the one that is there; the last are absent. */
const OTHERS: readonly unknown[] = [
  ...[null, true, '', ' ', 'x', 'https://acme.example', 'http://acme.example', 'x'.repeat(1_001)],
  ...[0, 1, -1, 1.5, 29, 300, 3_601, 86_401, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY],
  ...[[], ['x'], [1], ['x', 'x'], [null], {}, { x: 'x' }, { x: 1 }, { '': 'x' }],
  ...['authorization_code', '2023-02-29', 'crm-AbCdEf', '{tenant}', 'https://{nobody}.example/'],
];

describe.each([
  ['a preset', providerPresetShape, providerPresetSchema],
  ['the fields of a connection', connectionFieldsShape, connectionFieldsSchema],
] as const)('%s', (what, shape, schema) => {
  const samples: readonly (readonly [string, Json])[] =
    what === 'a preset'
      ? [['that says all', PRESET] as const, ...presetIdsSync().map((id) => [id, presetOf(id)] as const)]
      : Object.entries(CONNECTIONS);

  test.each(samples)('%s: is read as the schema reads it, in the same order', (_, sample) => {
    const read = shape(sample);
    expect(read).toStrictEqual(schema.parse(sample));
    expect(JSON.stringify(read)).toBe(JSON.stringify(schema.parse(sample)));
  });

  test('with anything else in any place is refused where the schema refuses, and read as the schema reads it', () => {
    const changed = samples.slice(0, 3).flatMap(([, sample]) => [...changes(sample)]);
    const expected = changed.map((each) => judgedBy(schema, each));
    const wrong = changed.filter((each, index) => !isDeepStrictEqual(shape(each), expected[index]));
    expect(wrong).toEqual([]);
    const refused = expected.filter((each) => each === REFUSED).length;
    expect(Math.min(refused, expected.length - refused)).toBeGreaterThan(200);
  });

  test('leaves to the schema what no JSON holds', () => {
    const [[, sample] = ['', {}]] = samples;
    const fields = sample as object;
    expect(shape({ ...fields, provider: undefined })).toBe(REFUSED);
    expect(shape(Object.assign(Object.create({ inherited: 1 }), fields))).toBe(REFUSED);
    expect(shape(JSON.parse(`{"__proto__": {}, ${JSON.stringify(fields).slice(1)}`))).toBe(REFUSED);
  });
});

function judgedBy(schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : REFUSED;
}

/** The value with one thing in it changed, taken away or added, for each place and each other thing. */
function* changes(value: Json): Generator<unknown> {
  yield* OTHERS;
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const [index, each] of value.entries()) {
      for (const other of changes(each)) yield value.with(index, other as Json);
      yield value.toSpliced(index, 1);
    }
    return;
  }
  const fields = Object.entries(value);
  for (const [key, each] of fields) {
    if (key === 'examples') continue;
    for (const other of changes(each)) yield { ...value, [key]: other };
    yield Object.fromEntries(fields.filter(([name]) => name !== key));
  }
  yield { ...value, unheardOf: 1 };
}
