import { parseCredentials } from '../../functions/aws/secrets/parse-credentials.ts';
import { connectionSchema } from '../../functions/connections/connection.ts';
import { ConnectionError } from '../../functions/connections/connection-error.ts';
import type { ProviderPreset } from '../../functions/connections/provider-preset.ts';
import {
  type ResolvedConnection,
  resolveConnection,
} from '../../functions/connections/resolve-connection.ts';
import type { IdentityRules } from '../../functions/oauth/assertion-rules.ts';
import { AUTHORIZATION_CODE, DEVICE_CODE, REFRESH_TOKEN } from '../../functions/oauth/grant-type.ts';
import { assertionFor } from '../../functions/oauth/request/assertion.ts';
import { isSelfIssued } from '../../functions/oauth/request/self-issued-token.ts';
import type { TokenRequestContext, TokenRequestInput } from '../../functions/oauth/request/token-request.ts';
import { Secret } from '../../functions/oauth/secret.ts';
import { EXAMPLE_UUID, type ExampleIdentity } from './example-identity.ts';
import type { PresetExample } from './preset-example.ts';

/** The instant of every replay. */
export const EXAMPLE_NOW = Date.parse('2026-01-01T00:00:00Z');

/** Whether an example has the role's own identity in the place of credentials: where it says so, or nothing else is there. */
export function usesIdentity(preset: ProviderPreset, { grant, identity }: ExampleGrant): boolean {
  if (identity !== undefined) return true;
  return preset.identity?.use === 'token' && assertionFor(grant, preset.request) === undefined;
}

type ExampleGrant = Pick<PresetExample, 'grant' | 'identity'>;

/** A token that the client makes itself, or has from its role: no endpoint is asked. */
export function sendsNothing(preset: ProviderPreset, example: ExampleGrant): boolean {
  const identity = usesIdentity(preset, example) ? preset.identity : undefined;
  return isSelfIssued({ grantType: example.grant, request: preset.request, identity });
}

/**
 * The connection of an example, which says no more than the example does.
 * @throws ConnectionError
 */
export function exampleConnection(preset: ProviderPreset, example: PresetExample): ResolvedConnection {
  const { scope, parameters, clientAuthentication } = example;
  const examples = Object.entries(preset.placeholders).map(([key, placeholder]) => [
    key,
    placeholder.example,
  ]);
  const isUnknown = preset.tokenUrl === undefined && preset.issuer === undefined;
  const parsed = connectionSchema.safeParse({
    provider: preset.id,
    ...(usesIdentity(preset, example) ? { identity: 'aws', clientId: 'client' } : { credentials: 'example' }),
    placeholders: example.placeholders ?? Object.fromEntries(examples),
    ...(scope !== undefined && { scope }),
    ...(parameters !== undefined && { parameters }),
    ...(clientAuthentication !== undefined && { clientAuthentication }),
    ...(isUnknown && !sendsNothing(preset, example) && { tokenUrl: recordedUrl(preset, example) }),
    acceptExperimental: true,
  });
  if (parsed.success) return resolveConnection('example', parsed.data, preset);
  const reasons = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new ConnectionError(reasons.join('; '));
}

/** What a refresh of that connection would ask for. */
export function exampleInput(
  connection: ResolvedConnection,
  preset: ProviderPreset,
  example: PresetExample,
  { credentials, values }: ExampleIdentity,
): TokenRequestInput {
  const { grant } = example;
  const secret = (name: string) => new Secret(values[name] ?? '');
  const ofGrant: Readonly<Record<string, Partial<TokenRequestInput>>> = {
    [REFRESH_TOKEN]: { refresh_token: secret('refresh_token') },
    [DEVICE_CODE]: { device_code: secret('device_code') },
    [AUTHORIZATION_CODE]: {
      code: secret('code'),
      code_verifier: secret('code_verifier'),
      redirect_uri: values['redirect_uri'] ?? '',
    },
  };
  // Nothing is stored where the role is its own proof; who it is may be known all the same.
  const stored = connection.identity === undefined ? credentials : { client_id: credentials['client_id'] };
  return {
    ...connection,
    tokenUrl: endpoint(connection, preset, example),
    grantType: grant,
    credentials: parseCredentials(new Secret(JSON.stringify(stored)), 'the credentials of the example'),
    ...(Object.hasOwn(ofGrant, grant) && ofGrant[grant]),
  };
}

/** A fixed instant, a fixed id, and a role that nobody has. */
export function exampleContext({ values }: ExampleIdentity): TokenRequestContext {
  return {
    now: () => EXAMPLE_NOW,
    uuid: () => EXAMPLE_UUID,
    identityToken: async ({ audience, lifetimeSeconds }: IdentityRules) => {
      const issuedAt = EXAMPLE_NOW / 1000;
      const claims = { aud: audience, iat: issuedAt, exp: issuedAt + lifetimeSeconds };
      const parts = [{ alg: 'RS256' }, claims].map((part) =>
        Buffer.from(JSON.stringify(part)).toString('base64url'),
      );
      const signature = Buffer.from(values['id_token'] ?? '').toString('base64url');
      return new Secret([...parts, signature].join('.'));
    },
  };
}

/** Where only the issuer is known, what it answers is known to the example alone. */
function endpoint(
  { tokenUrl, refreshUrl }: ResolvedConnection,
  preset: ProviderPreset,
  example: PresetExample,
): string {
  const known = (example.grant === REFRESH_TOKEN ? refreshUrl : undefined) ?? tokenUrl;
  return known ?? (sendsNothing(preset, example) ? '' : recordedUrl(preset, example));
}

function recordedUrl(preset: ProviderPreset, { request }: PresetExample): string {
  return (request?.url ?? firstRequestUrl(preset.examples))?.split('?')[0] ?? 'https://issuer.example/token';
}

function firstRequestUrl(examples: unknown): string | undefined {
  if (!Array.isArray(examples)) return undefined;
  return examples.map((each) => each?.request?.url).find((url) => typeof url === 'string');
}
