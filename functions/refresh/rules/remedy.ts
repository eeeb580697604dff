import { PASSWORD } from '../../oauth/grant-type.ts';
import { ORIGIN_NOT_ALLOWED } from '../../oauth/request/allowed-origins.ts';
import { AWS_REFUSALS } from '../../oauth/request/signer.ts';
import { instantText } from '../../text/times.ts';
import { outageRemedy } from './outage-remedy.ts';
import { storeAgain, storeRemedy } from './store-remedy.ts';
import { type Remedied, type Trouble, UNREADABLE_STATE } from './trouble.ts';

/** What to look at and what to do about a failure, for the one who is needed for it. */
export function remedy(trouble: Trouble, remedied: Remedied): string {
  const { name, credentials } = remedied;
  const isUnsure = trouble.kind === 'unsure';
  switch (trouble.outcome) {
    case 'awaiting-credentials':
      return `Store the credentials in the secret "${credentials}"; the next tick picks them up.`;
    case 'needs-reauthorization':
      return signInAgain(name);
    case 'misconfigured':
      return (isUnsure && outageRemedy(trouble, remedied)) || refusalRemedy(trouble, remedied);
    case 'retry-later':
      return (
        outageRemedy(trouble, remedied) ??
        (isUnsure ? refusalRemedy(trouble, remedied) : seeNextTry(remedied))
      );
  }
}

/** What only another refresh token helps against. */
export function signInAgain(name: string): string {
  return `Sign in again (evertoken authorize ${name}), or store a new refresh token; the next tick picks it up.`;
}

/** What was refused, and is tried again because of what somebody changed since. */
function seeNextTry({ dueAt }: Remedied): string {
  return `Wait for the next try at ${instantText(dueAt)}: it shows whether what was changed since helps.`;
}

/** For what is refused until somebody changes something. */
function refusalRemedy(trouble: Trouble, { name, credentials, grants }: Remedied): string {
  const { source, code, kind } = trouble;
  if (source === 'store') return storeRemedy(trouble, 'the refresher') ?? ofStores(trouble, name);
  if (source === 'connection') return `Correct the declaration of "${name}" and deploy it.`;
  if (code === ORIGIN_NOT_ALLOWED) {
    return `If they may be sent there, have whoever owns the credentials add the origin to "allowed_token_origins" in the secret "${credentials}" (evertoken credentials set writes it from the connections that use them). If not, correct the URLs of "${name}". Nothing was sent.`;
  }
  // AWS said no to what signs or vouches here, and the message says what it takes.
  if (AWS_REFUSALS.some((each) => each === code)) {
    return `Do what the message says; "${name}" is tried again by itself.`;
  }
  if (credentials === undefined) return identityRemedy(code, name);
  if (code.startsWith('missing_')) return storeAgain(credentials);
  if (code.startsWith('http_')) {
    return `Compare client id, client secret, scope and grants with the provider's settings; a change of the secret "${credentials}" is picked up by the next tick. Where they are right, look at the token URL and the provider's status page: a block page, a route that moved, a service that is off. It is tried again by itself.`;
  }
  // A refresh token that is refused asks for somebody to sign in: what else is refused is the other grant's.
  return (kind === 'refused' || kind === 'unsure') && grants.includes(PASSWORD)
    ? `Correct user name and password in the secret "${credentials}"; the next tick picks them up.`
    : `Compare client id, client secret, scope and grants with the provider's settings; a change of the secret "${credentials}" is picked up by the next tick.`;
}

/** For what the refresher alone meets at a store. */
function ofStores({ code, kind }: Trouble, name: string): string {
  if (code === UNREADABLE_STATE) {
    return 'Take these values out of its item in the state table; it is tried again by itself.';
  }
  if (code === 'refresh_token_too_large') {
    return `Have the provider issue shorter refresh tokens to this client (fewer scopes or claims), or give "${name}" another grant: one that cannot be rescued is not spent.`;
  }
  if (kind === 'store-missing') {
    return `Look whether what the message names was deleted or is named wrong: a deployment makes what belongs to it; what is somebody's own has to be created there, or its ARN corrected in the declaration of "${name}". It is tried again by itself.`;
  }
  if (kind === 'store-conflict') {
    return 'Look in CloudTrail for who else writes what the message names, and stop that; it is tried again by itself.';
  }
  return 'Allow the refresher to read and write its secrets and to use their key; it tries again by itself.';
}

/** For a connection that proves itself with the role's own identity. */
function identityRemedy(code: string, name: string): string {
  return code === 'missing_client_id'
    ? `Set "clientId" in the declaration of "${name}" and deploy it.`
    : `Compare what the provider trusts with what AWS says of the functions: the issuer of the account (aws iam get-outbound-web-identity-federation-info), the ARN of the function's role as subject, and the audience in the rules of "${name}"; then client id, scope and grants. It is tried again by itself.`;
}
