import type { Credentials } from '../oauth/credentials.ts';
import type { RequestRules } from '../oauth/endpoint-rules.ts';
import { PASSWORD } from '../oauth/grant-type.ts';
import { clientAuthenticationFor } from '../oauth/request/client-authentication.ts';

/** Every field that credentials may have, in the order in which a person is asked for them. */
export const CREDENTIAL_FIELDS = [
  'client_id',
  'client_secret',
  'private_key',
  'key_id',
  'username',
  'password',
] as const satisfies readonly (keyof Credentials)[];

export type CredentialField = (typeof CREDENTIAL_FIELDS)[number];

/** The fields that these grants need under these rules, in order. `key_id` is never needed. */
export function neededCredentials(
  grants: readonly string[],
  rules: Pick<RequestRules, 'clientAuthentication' | 'clientAuthenticationByGrant' | 'sendOnly'>,
): CredentialField[] {
  const needed = new Set(grants.flatMap((grant) => neededFor(grant, rules)));
  return CREDENTIAL_FIELDS.filter((field) => needed.has(field));
}

function neededFor(
  grant: string,
  rules: Pick<RequestRules, 'clientAuthentication' | 'clientAuthenticationByGrant' | 'sendOnly'>,
): CredentialField[] {
  const sent = Object.hasOwn(rules.sendOnly, grant) ? rules.sendOnly[grant] : undefined;
  const allowed = (field: CredentialField) => sent === undefined || sent.includes(field);
  const person: CredentialField[] = grant === PASSWORD ? ['username', 'password'] : [];
  switch (clientAuthenticationFor(grant, rules)) {
    case 'client_secret_basic':
      return ['client_id', 'client_secret', ...person];
    case 'client_secret_post':
      return [...(['client_id', 'client_secret'] as const).filter(allowed), ...person];
    case 'private_key_jwt':
      return ['client_id', 'private_key', ...person];
    case 'tls_client_auth':
      return ['client_id', ...person];
    case 'none':
      return [...(['client_id'] as const).filter(allowed), ...person];
  }
}
