import { describe, expect, test } from 'vitest';
import { connectionsJsonSchema } from '../../../functions/connections/connection.ts';
import { parseConnection } from '../../../functions/connections/parse/parse-connection.ts';
import { canarySecret } from '../../support/canary.ts';

const arn = (name: string) => `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}`;
const orders = { tokenUrl: 'https://idp.example.com/oauth2/token', credentials: 'orders' };
const refusal = (change: object) => {
  try {
    parseConnection({ ...orders, ...change }, 'orders');
  } catch (error) {
    return error instanceof Error ? error.message.replace('connection "orders": ', '') : String(error);
  }
  return 'accepted';
};

describe('endpoints', () => {
  test.each([
    [
      'http://idp.example.com/token',
      'tokenUrl: would send credentials to "idp.example.com" unencrypted: use https:// (http:// is only for 127.0.0.1, [::1] and localhost)',
    ],
    ['http://127.0.0.1.example.com/', 'unencrypted'],
    ['http://localhost.example.com/', 'unencrypted'],
    ['http://10.0.0.1/', 'unencrypted'],
    ['ftp://idp.example.com/', 'expected a URL that begins with https://'],
    ['https://idp.example.com/#token', 'must not have a fragment'],
    ['https://idp.example.com/#', 'must not have a fragment'],
    [
      'https://idp.example.com/?client_secret=x',
      'must not have "client_secret" in its query: it belongs in the secret of the credentials',
    ],
    ['https://idp.example.com/?grant_type=x', 'use "grants"'],
    [`https://id:${canarySecret('url')}@idp.example.com/`, 'must not hold a user name or password'],
  ])('refuses %j', (tokenUrl, expected) => {
    expect(refusal({ tokenUrl })).toContain(expected);
    expect(refusal({ tokenUrl })).not.toContain('fake');
  });

  test.each([
    'https://idp.example.com/token?request=token',
    'https://idp.example.com/token/',
    'http://127.0.0.1:8080/token',
    'http://127.9.9.9/token',
    'http://[::1]:8080/token',
    'http://localhost:8080/token',
  ])('accepts %j', (tokenUrl) => {
    expect(refusal({ tokenUrl })).toBe('accepted');
  });

  test('an issuer has no query (RFC 8414 section 2)', () => {
    expect(refusal({ issuer: 'https://idp.example.com/?tenant=1' })).toBe(
      'issuer: must not have a query ("?…")',
    );
    expect(refusal({ issuer: 'https://idp.example.com/tenant' })).toBe('accepted');
  });
});

describe('grants', () => {
  test.each(['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code', 'implicit'])(
    'refuses %s, which needs a person each time',
    (grant) => {
      expect(refusal({ grants: ['client_credentials', grant] })).toBe(
        `grants[1]: "${grant}" cannot be repeated without a person: use "refresh_token", and sign in once with "evertoken authorize"`,
      );
    },
  );

  test('refuses one that stands there twice', () => {
    expect(refusal({ grants: ['refresh_token', 'client_credentials', 'refresh_token'] })).toBe(
      'grants[2]: "refresh_token" stands here a second time',
    );
  });

  test('accepts grant types of a provider’s own', () => {
    expect(refusal({ grants: ['account_credentials', 'urn:ietf:params:oauth:grant-type:jwt-bearer'] })).toBe(
      'accepted',
    );
  });

  test.each(['', 'a b', 'ü', 'x'.repeat(201), 'constructor '])('refuses %j', (grant) => {
    expect(refusal({ grants: [grant] })).toContain('must be 1 to 200 visible ASCII characters');
  });
});

describe('fields that do not go together', () => {
  test('placeholders without a preset', () => {
    expect(refusal({ placeholders: { domain: 'acme' } })).toContain(
      'no "provider" is named: write the whole "tokenUrl" instead',
    );
  });

  test.each(['client_secret_post', 'private_key_jwt', 'none'])(
    'basicEncoding with %s',
    (clientAuthentication) => {
      expect(refusal({ basicEncoding: 'raw', clientAuthentication })).toContain(
        `basicEncoding: only means something for client_secret_basic, and clientAuthentication is "${clientAuthentication}"`,
      );
    },
  );

  const KEY = { kmsKeyArn: 'arn:aws:kms:eu-west-1:123456789012:key/mrk-1234' };
  const credentials = undefined;
  test.each<[object, string | RegExp]>([
    [{ signingKey: KEY }, 'accepted'],
    [
      { grants: ['refresh_token', 'client-credentials'] },
      'grants[1]: there is no grant type "client-credentials"; did you mean "client_credentials"? Where the provider does call it that, say so in rules.supportedGrants',
    ],
    [{ credentials, identity: 'aws' }, 'accepted'],
    [{ credentials, identity: 'aws', clientId: 'public' }, 'accepted'],
    // A provider may want a secret of the client's beside the subject token.
    [{ identity: 'aws' }, 'accepted'],
    [
      { identity: 'aws', signingKey: KEY },
      'signingKey: signs in place of a private key, and with "identity" AWS signs: leave one of them out',
    ],
    [
      { clientId: 'public' },
      'clientId: only means something with "identity": put "client_id" into the credentials',
    ],
    [
      { identity: 'aws', clientId: 'public' },
      'clientId: stands in the credentials as "client_id": leave one of them out',
    ],
    [{ credentials, signingKey: KEY }, /^credentials: is missing; expected the name of credentials/],
    [{ identity: 'gcp' }, 'identity: expected "aws", found "gcp"'],
    [
      { signingKey: { kmsKeyArn: 'arn:aws:kms:eu-west-1:123456789012:alias/mine' } },
      /^signingKey\.kmsKeyArn: expected the ARN of a KMS key/,
    ],
    [
      { signingKey: { kmsKeyArn: 'arn:aws:kms:eu-west-1:123456789012:key/*' } },
      /^signingKey\.kmsKeyArn: expected the ARN of a KMS key/,
    ],
  ])('what proves the client: %j', (change, expected) => {
    expect(refusal(change)).toMatch(expected);
  });

  test('basicEncoding with client_secret_basic is fine', () => {
    expect(refusal({ basicEncoding: 'raw', clientAuthentication: 'client_secret_basic' })).toBe('accepted');
    expect(refusal({ basicEncoding: 'raw' })).toBe('accepted');
  });

  test('a token over its own credentials', () => {
    expect(
      refusal({ credentials: { secretArn: arn('app-AbCdEf') }, token: { secretArn: arn('app-AbCdEf') } }),
    ).toContain('token.secretArn: is the secret of the credentials, which the first token would overwrite');
  });
});

describe('field maps', () => {
  test('credentials have fields of their own', () => {
    expect(refusal({ credentials: { secretArn: arn('app'), fields: { clientSecret: 'secret' } } })).toBe(
      'credentials.fields.clientSecret: is no field of credentials; did you mean "client_secret"?; they are client_id, client_secret, private_key, key_id, certificate, username, password, and what "{credential.…}" in rules names',
    );
  });

  test.each(['client_email', 'private_key_id', 'subject', 'Account'])(
    'credentials may have the field %s, which rules may name',
    (field) => {
      expect(refusal({ credentials: { secretArn: arn('app'), fields: { [field]: 'x' } } })).toBe('accepted');
    },
  );

  test.each(['Client Mail', 'client-mail', '9lives', 'pasword', 'key_idd'])(
    'credentials have no field %s, which none could name, or is a known one misspelt',
    (field) => {
      expect(refusal({ credentials: { secretArn: arn('app'), fields: { [field]: 'x' } } })).toContain(
        'is no field of credentials',
      );
    },
  );

  test.each(['refresh_token', 'client_secret'])('a token is never published with %s', (field) => {
    expect(refusal({ token: { secretArn: arn('app'), fields: { [field]: 'x' } } })).toBe(
      `token.fields.${field}: is never published with a token: leave it out`,
    );
  });

  test.each(['refresh_token', 'refreshToken', 'client_secret', 'Client-Secret', 'password'])(
    'no field of a token is called %s',
    (target) => {
      expect(refusal({ token: { secretArn: arn('app'), fields: { access_token: target } } })).toBe(
        `token.fields.access_token: is to be called "${target}", under which a token's secret never holds anything: choose another name`,
      );
    },
  );

  test.each(['refresh_token', 'refreshToken', 'access_token', 'id_token'])(
    'no credential is read from %s',
    (target) => {
      expect(refusal({ credentials: { secretArn: arn('app'), fields: { client_secret: target } } })).toBe(
        `credentials.fields.client_secret: would be read from "${target}", which is no credential: name the field that holds it`,
      );
    },
  );

  test('two fields under one name', () => {
    expect(refusal({ token: { secretArn: arn('app'), fields: { access_token: 'x', scope: 'x' } } })).toBe(
      'token.fields.scope: is called "x", and so is "access_token"',
    );
  });
});

test.each(['client_id', 'password', 'client_assertion', 'refresh_token', 'scope', 'code'])(
  'the parameter %s is not one to fix',
  (name) => {
    expect(refusal({ parameters: { [name]: 'x' } })).toContain(`parameters.${name}: must not stand here: `);
  },
);

test('parameters named like parts of an object are parameters', () => {
  expect(refusal({ parameters: { constructor: 'x', toString: 'y' } })).toBe('accepted');
});

interface Node {
  description?: string;
  properties?: Record<string, Node>;
  additionalProperties?: Node | boolean;
  required?: string[];
  propertyNames?: Node;
  pattern?: string;
  enum?: string[];
}

const schema = connectionsJsonSchema() as Node;
const connections = schema.properties?.connections;
const connection =
  typeof connections?.additionalProperties === 'object' ? connections.additionalProperties : undefined;

test('describes every field of a connection', () => {
  const fields = Object.entries(connection?.properties ?? {});
  expect(fields.length).toBeGreaterThan(15);
  expect(fields.filter(([, field]) => !field.description).map(([name]) => name)).toEqual([]);
});

test('refuses unknown keys, requires nothing alone, and knows the shape of names', () => {
  expect(connection?.additionalProperties).toBe(false);
  expect(connection?.required).toBeUndefined();
  expect(connection?.properties?.identity).toMatchObject({ const: 'aws' });
  expect(connections?.propertyNames?.pattern).toBe('^[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*$');
  expect(connection?.properties?.clientAuthentication?.enum).toContain('private_key_jwt');
});

test('is plain JSON that names its dialect', () => {
  expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
  expect(schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' });
});
