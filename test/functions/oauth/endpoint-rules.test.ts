import { describe, expect, it } from 'vitest';
import {
  errorRulesSchema,
  requestRulesSchema,
  responseRulesSchema,
} from '../../../functions/oauth/endpoint-rules.ts';

describe('an endpoint of which nothing is said', () => {
  it('is asked as RFC 6749 has it', () => {
    expect(requestRulesSchema.parse({})).toEqual({
      clientAuthentication: 'client_secret_basic',
      clientAuthenticationByGrant: {},
      basicEncoding: 'form',
      basicScheme: 'Basic',
      clientCertificate: false,
      assertionByGrant: {},
      requiredParameters: {},
      method: 'POST',
      bodyFormat: 'form',
      parameterLocation: 'body',
      parameterNames: {},
      parameters: {},
      parametersByGrant: {},
      sendOnly: {},
      headers: {},
      scopeSeparator: ' ',
    });
  });

  it('is understood as RFC 6749 has it, and nothing more of its answers is published', () => {
    expect(responseRulesSchema.parse({})).toEqual({
      path: [],
      fields: {},
      expiresInUnit: 'seconds',
      expiresAtUnit: 'seconds',
      successWhen: {},
      extras: [],
    });
  });

  it('has no errors of its own', () => {
    expect(errorRulesSchema.parse({})).toEqual({
      codePaths: [],
      messagePaths: [],
      invalidGrant: [],
      invalidClient: [],
      configuration: [],
      throttled: [],
      transient: [],
    });
  });
});

it.each([
  ['requests', requestRulesSchema],
  ['answers', responseRulesSchema],
  ['errors', errorRulesSchema],
])('a rule for %s that nobody knows is refused, not passed over', (_, schema) => {
  expect(schema.safeParse({ invalidGrants: [] }).success).toBe(false);
});

it.each([
  [199, false],
  [200, true],
  [299, true],
  [300, false],
  [200.5, false],
])('a success may be declared at status %s: %s', (status, accepted) => {
  expect(responseRulesSchema.safeParse({ successStatus: [status] }).success).toBe(accepted);
});
