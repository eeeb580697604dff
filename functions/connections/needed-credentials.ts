import { distance } from 'fastest-levenshtein';
import type { AssertionRules, IdentityRules } from '../oauth/assertion-rules.ts';
import type { Credentials } from '../oauth/credentials.ts';
import type { RequestRules } from '../oauth/endpoint-rules.ts';
import { PASSWORD, SAML2_BEARER, TOKEN_EXCHANGE } from '../oauth/grant-type.ts';
import { assertionFor, clientAssertionFor, isGrantedByProof } from '../oauth/request/assertion.ts';
import { clientAuthenticationFor } from '../oauth/request/client-authentication.ts';
import { isSelfIssued } from '../oauth/request/self-issued-token.ts';
import type { SigningKey } from '../oauth/request/signer.ts';
import { credentialsIn, names } from '../oauth/request/templates.ts';
import { plainName } from '../text/near-name.ts';

/** Every field that this project itself knows, in the order in which a person is asked for them. */
export const CREDENTIAL_FIELDS = [
  'client_id',
  'client_secret',
  'private_key',
  'key_id',
  'certificate',
  'username',
  'password',
] as const satisfies readonly (keyof Credentials)[];

export type CredentialField = (typeof CREDENTIAL_FIELDS)[number];

/** A field that only a preset, or the rules of a connection, know: what `{credential.<field>}` may name. */
export const FIELD_NAME = /^[A-Za-z_]\w{0,63}$/;

/** The known field that was surely meant by a name that is nearly the same; `undefined` for one of somebody's own. */
export function misspeltField(name: string): CredentialField | undefined {
  const written = plainName(name);
  const most = Math.min(2, Math.floor(written.length / 3));
  return CREDENTIAL_FIELDS.find(
    (field) => field !== name && !name.startsWith(`${field}_`) && distance(written, plainName(field)) <= most,
  );
}

/** What a connection proves itself with in the place of what is stored. */
export interface Proof {
  readonly signingKey?: SigningKey | undefined;
  readonly identity?: IdentityRules | undefined;
}

/**
 * The fields that these grants need under these rules: those that are known in their order, then those that
 * templates name. `key_id` is not needed where no template names it.
 */
export function neededCredentials(
  grants: readonly string[],
  rules: RequestRules,
  proof: Proof = {},
): readonly string[] {
  const needed = new Set(grants.flatMap((grant) => neededFor(grant, rules, proof)));
  const known: readonly string[] = CREDENTIAL_FIELDS;
  return [
    ...known.filter((field) => needed.has(field)),
    ...[...needed].filter((field) => !known.includes(field)),
  ];
}

function neededFor(grant: string, rules: RequestRules, proof: Proof): readonly string[] {
  const { identity } = proof;
  if (isSelfIssued({ grantType: grant, request: rules, identity })) {
    const assertion = identity?.use === 'token' ? undefined : assertionFor(grant, rules);
    return assertion === undefined ? [] : neededToSign(assertion, proof);
  }
  const sent = rules.bodyFormat === 'none' ? [] : own(rules.sendOnly, grant);
  const isSent = (parameter: string) => sent?.includes(parameter) ?? true;
  const parameters = { ...rules.parameters, ...own(rules.parametersByGrant, grant) };
  const templates = [
    ...Object.entries(parameters).flatMap(([name, value]) => (isSent(name) ? value : [])),
    ...Object.values(rules.headers),
  ];
  const isLeftToCredentials = (parameter: string) =>
    isSent(parameter) && !Object.hasOwn(parameters, parameter);
  return [
    ...neededByClient(grant, rules, proof, isSent),
    ...(grant === PASSWORD ? ['username', 'password'] : []),
    ...(grant === TOKEN_EXCHANGE && identity?.use !== 'subject' && isLeftToCredentials('subject_token')
      ? ['subject_token']
      : []),
    ...(grant === SAML2_BEARER && isLeftToCredentials('assertion') ? ['assertion'] : []),
    ...neededByGrant(grant, rules, proof),
    ...templates.flatMap((template) => neededByTemplate(template, proof)),
    ...(rules.clientCertificate ? ['private_key', 'certificate'] : []),
  ];
}

/** What is signed for the grant itself. */
function neededByGrant(grant: string, rules: RequestRules, proof: Proof): readonly string[] {
  const assertion = assertionFor(grant, rules);
  if (assertion?.use !== 'grant' || (proof.identity?.use === 'grant' && isGrantedByProof(grant))) return [];
  return neededToSign(assertion, proof);
}

function neededByClient(
  grant: string,
  rules: RequestRules,
  proof: Proof,
  isSent: (parameter: string) => boolean,
): readonly string[] {
  const assertion = assertionFor(grant, rules);
  if (assertion?.use === 'bearer') return neededToSign(assertion, proof);
  // Whoever has an identity of its own stores nothing.
  if (proof.identity !== undefined) return [];
  switch (clientAuthenticationFor(grant, rules)) {
    case 'client_secret_basic':
      return ['client_id', 'client_secret'];
    case 'client_secret_post':
      return ['client_id', 'client_secret'].filter(isSent);
    case 'private_key_jwt':
      return [
        ...['client_id'].filter(isSent),
        ...(isSent('client_assertion') ? neededToSign(clientAssertionFor(grant, rules), proof) : []),
      ];
    case 'tls_client_auth':
      return [...['client_id'].filter(isSent), 'private_key', 'certificate'];
    case 'none':
      return ['client_id'].filter(isSent);
  }
}

function neededToSign(rules: AssertionRules, proof: Proof): readonly string[] {
  const { claims, header, use } = rules;
  const byDefault = use === 'client' ? ['iss', 'sub'] : ['iss'];
  return [
    ...(proof.signingKey === undefined ? ['private_key'] : []),
    ...(byDefault.some((claim) => !Object.hasOwn(claims, claim)) ? ['client_id'] : []),
    ...[...Object.values(header), ...Object.values(claims).flat()].flatMap((template) =>
      neededByTemplate(template, proof),
    ),
  ];
}

function neededByTemplate(template: unknown, { signingKey }: Proof): readonly string[] {
  const isThumbprint = names(template, 'certificate.x5t') || names(template, 'certificate.x5t#S256');
  return [
    ...credentialsIn(template),
    ...(isThumbprint ? ['certificate'] : []),
    ...(names(template, 'key.sha256') && signingKey === undefined ? ['private_key'] : []),
  ];
}

function own<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
