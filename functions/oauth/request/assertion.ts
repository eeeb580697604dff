import type { AssertionRules } from '../assertion-rules.ts';
import type { RequestRules } from '../endpoint-rules.ts';
import {
  AUTHORIZATION_CODE,
  CLIENT_CREDENTIALS,
  DEVICE_CODE,
  PASSWORD,
  REFRESH_TOKEN,
  SAML2_BEARER,
  SELF_SIGNED,
  TOKEN_EXCHANGE,
} from '../grant-type.ts';
import type { Secret } from '../secret.ts';
import { signJwt } from './signed-jwt.ts';
import type { Signer } from './signer.ts';
import { names, type RequestTemplates } from './templates.ts';

/** RFC 7523 section 3 for a client, where nobody says more: the defaults of the schema, which is not loaded for them. */
export const CLIENT_ASSERTION: AssertionRules = {
  use: 'client',
  lifetimeSeconds: 60,
  backdatedSeconds: 0,
  jti: true,
  header: {},
  claims: {},
};

type AssertingRules = Pick<RequestRules, 'assertion' | 'assertionByGrant'>;

/** Grant types that exchange something else than an assertion: rules for every grant do not mean them. */
const OTHER_GRANTS: ReadonlySet<string> = new Set([
  CLIENT_CREDENTIALS,
  REFRESH_TOKEN,
  PASSWORD,
  AUTHORIZATION_CODE,
  DEVICE_CODE,
  TOKEN_EXCHANGE,
  SAML2_BEARER,
  SELF_SIGNED,
]);

/** Whether a proof that is to be the grant is one for this grant type. */
export function isGrantedByProof(grantType: string): boolean {
  return !OTHER_GRANTS.has(grantType);
}

/** The JWT that is signed for a grant type; `undefined` where none is. */
export function assertionFor(grantType: string, rules: AssertingRules): AssertionRules | undefined {
  const special = Object.hasOwn(rules.assertionByGrant, grantType)
    ? rules.assertionByGrant[grantType]
    : undefined;
  const { assertion } = rules;
  if (special !== undefined || assertion === undefined) return special;
  if (assertion.use === 'grant' && !isGrantedByProof(grantType)) return undefined;
  if (assertion.use === 'token' && grantType !== SELF_SIGNED) return undefined;
  return assertion;
}

/** What private_key_jwt signs, for a grant type or beside the token endpoint. */
export function clientAssertionFor(grantType: string | undefined, rules: AssertingRules): AssertionRules {
  const said =
    grantType === undefined
      ? [rules.assertion, ...Object.values(rules.assertionByGrant)]
      : [assertionFor(grantType, rules), rules.assertion];
  return said.find((each) => each?.use === 'client') ?? CLIENT_ASSERTION;
}

/** Whether the scope is said inside of the assertion, and is then no parameter. */
export function carriesScope(rules: AssertionRules | undefined): boolean {
  return Object.values(rules?.claims ?? {})
    .flat()
    .some((claim) => names(claim, 'scope'));
}

export interface AssertionContext {
  readonly templates: RequestTemplates;
  readonly signer: Signer;
  /** `kid` unless the rules say it; before the signer's own. */
  readonly keyId: string | undefined;
  /** The client_id, for a claim that the rules do not say. @throws TokenError `configuration`, `missing_client_id` */
  clientId(claim: string): string;
  /** The audience unless the rules say another; empty where nobody is asked. */
  readonly tokenUrl: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Fresh for every assertion: servers refuse a replay (RFC 7523 section 3). */
  uuid(): string;
}

/** The JWT that these rules ask for. @throws TokenError `configuration` */
export async function signAssertion(rules: AssertionRules, context: AssertionContext): Promise<Secret> {
  return signJwt({
    header: await headerOf(rules, context),
    claims: await claimsOf(rules, context),
    signer: context.signer,
    algorithms: rules.algorithms,
  });
}

async function headerOf(
  { header: said }: AssertionRules,
  { templates, signer, keyId = signer.keyId }: AssertionContext,
): Promise<Record<string, unknown>> {
  const header: Record<string, unknown> = {};
  if (keyId !== undefined && !Object.hasOwn(said, 'kid')) header['kid'] = keyId;
  for (const [name, template] of Object.entries(said)) {
    header[name] = await templates.fill(template, `the header field "${name}" of the assertion`);
  }
  return header;
}

async function claimsOf(rules: AssertionRules, context: AssertionContext): Promise<Record<string, unknown>> {
  const { claims: said, use, lifetimeSeconds, backdatedSeconds } = rules;
  const isSaid = (claim: string) => Object.hasOwn(said, claim);
  const issuedAt = Math.floor(context.now / 1000) - backdatedSeconds;
  const claims: Record<string, unknown> = {
    ...(!isSaid('iss') && { iss: context.clientId('iss') }),
    ...(use === 'client' && !isSaid('sub') && { sub: context.clientId('sub') }),
    ...(!isSaid('aud') && context.tokenUrl !== '' && { aud: context.tokenUrl }),
    ...(rules.jti && { jti: context.uuid() }),
    iat: issuedAt,
    exp: issuedAt + lifetimeSeconds,
  };
  for (const [name, value] of Object.entries(said)) {
    const filled = await claimOf(name, value, context);
    if (filled === undefined) delete claims[name];
    else claims[name] = filled;
  }
  return claims;
}

/** `undefined` for a claim that is left out: `null`, or a scope that nobody asks for. */
async function claimOf(
  name: string,
  value: AssertionRules['claims'][string],
  { templates }: AssertionContext,
): Promise<unknown> {
  const fill = (template: string) => templates.fill(template, `the claim "${name}" of the assertion`);
  if (value === null) return undefined;
  if (typeof value === 'string') return (await fill(value)) || undefined;
  return Array.isArray(value) ? Promise.all(value.map(fill)) : value;
}
