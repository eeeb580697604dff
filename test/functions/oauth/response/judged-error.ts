import type { z } from 'zod';
import type { errorRulesSchema, responseRulesSchema } from '../../../../functions/oauth/endpoint-rules.ts';
import { processTokenResponse } from '../../../../functions/oauth/response/token-response.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import type { TokenError } from '../../../../functions/oauth/token-error.ts';
import { tokenErrorOf, tokenInput } from '../../../support/token-input.ts';

/** When all answers came, epoch milliseconds. */
export const NOW = Date.UTC(2026, 0, 1);

interface Case {
  readonly headers?: Record<string, string>;
  readonly errors?: z.input<typeof errorRulesSchema>;
  readonly response?: z.input<typeof responseRulesSchema>;
  readonly secrets?: readonly Secret[];
  readonly identifiesClient?: boolean;
}

/** The error that an answer is read as. @param body anything but a string is sent as JSON */
export function judged(status: number, body: unknown, options: Case = {}): Promise<TokenError> {
  const { headers = {}, errors = {}, response = {}, secrets = [], identifiesClient = true } = options;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return tokenErrorOf(() =>
    processTokenResponse({ status, headers, body: new Secret(text) }, tokenInput({ errors, response }), {
      requestedAt: NOW,
      now: NOW,
      secrets,
      identifiesClient,
    }),
  );
}
