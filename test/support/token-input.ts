import type { z } from 'zod';
import {
  errorRulesSchema,
  requestRulesSchema,
  responseRulesSchema,
} from '../../functions/oauth/endpoint-rules.ts';
import type { TokenRequestInput } from '../../functions/oauth/request/token-request.ts';
import { Secret } from '../../functions/oauth/secret.ts';
import { TokenError } from '../../functions/oauth/token-error.ts';
import { canarySecret } from './canary.ts';

/** A secret of the tests, wrapped. */
export function fakeSecret(label: string): Secret {
  return new Secret(canarySecret(label));
}

type Rules = {
  request?: z.input<typeof requestRulesSchema>;
  response?: z.input<typeof responseRulesSchema>;
  errors?: z.input<typeof errorRulesSchema>;
};

/** A client-credentials request by RFC 6749, but for what the test says. */
export function tokenInput(
  input: Partial<Omit<TokenRequestInput, keyof Rules>> & Rules = {},
): TokenRequestInput {
  return {
    tokenUrl: 'https://idp.example.com/oauth2/token',
    grantType: 'client_credentials',
    credentials: { client_id: 'client-1', client_secret: fakeSecret('client-secret') },
    ...input,
    request: requestRulesSchema.parse(input.request ?? {}),
    response: responseRulesSchema.parse(input.response ?? {}),
    errors: errorRulesSchema.parse(input.errors ?? {}),
  };
}

/** The TokenError that `action` fails with. @throws when it succeeds, or fails with anything else */
export async function tokenErrorOf(action: () => unknown): Promise<TokenError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof TokenError) return error;
    throw error;
  }
  throw new Error('expected a TokenError, and nothing was thrown');
}
