import { isExperimental, type ProviderPreset } from '../connections/provider-preset.ts';
import type { AssertionRules } from '../oauth/assertion-rules.ts';
import { REFRESH_TOKEN } from '../oauth/grant-type.ts';

/** Units of a duration, the longest first. */
const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** `90 days`, `1 hour`, `1,667 seconds`: in the longest unit that it is a whole number of. */
export function wholeDuration(seconds: number): string {
  const [unit, size] = UNITS.find(([, each]) => seconds % each === 0) ?? ['second', 1];
  const count = seconds / size;
  return `${count.toLocaleString('en-US')} ${unit}${count === 1 ? '' : 's'}`;
}

/** The day on which the documentation was read, or what makes the preset experimental. */
export function verificationText({
  verifiedAt,
  recalled,
}: Pick<ProviderPreset, 'verifiedAt' | 'recalled'>): string {
  if (!isExperimental({ verifiedAt, recalled })) return `verified on ${verifiedAt}`;
  const read = verifiedAt === undefined ? 'not verified' : `verified on ${verifiedAt}`;
  return recalled.length === 0
    ? `experimental: ${read}`
    : `experimental: ${read}, recalled: ${recalled.join(', ')}`;
}

/** How long an access token lives, and what is special about it. */
export function accessTokenText(preset: ProviderPreset): string {
  const { accessToken, defaultLifetimeSeconds, request } = preset;
  const { endsPrevious, earliestRefreshSeconds, presentation } = accessToken;
  const signed = [request.assertion, ...Object.values(request.assertionByGrant)].find(
    (each) => each?.use === 'token',
  );
  const recorded = recordedLifetimes(preset.examples);
  return [
    signed
      ? `signed by the client, for ${wholeDuration(signed.lifetimeSeconds)}`
      : defaultLifetimeSeconds !== undefined
        ? `${wholeDuration(defaultLifetimeSeconds)}, where the answer does not say`
        : recorded === ''
          ? 'as long as the answer or the token itself says, else as the connection does'
          : `as long as the answer says, ${recorded} in the examples`,
    ...(earliestRefreshSeconds === undefined
      ? []
      : [`another comes at the earliest ${wholeDuration(earliestRefreshSeconds)} before its end`]),
    ...(endsPrevious ? ['a refresh ends the one before it at once'] : []),
    ...(presentation === undefined
      ? []
      : [
          `goes into the header \`${presentation.header}\` as \`${`${presentation.scheme} …`.trim()}\``,
          ...pairs(presentation.headers).map((pair) => `beside \`${pair}\``),
        ]),
  ].join('; ');
}

/** Lifetimes in the recorded answers, the shortest first. */
function recordedLifetimes(examples: unknown): string {
  if (!Array.isArray(examples)) return '';
  const seconds = examples
    .map((each) => each?.expect?.token?.expiresInSeconds)
    .filter((each): each is number => Number.isInteger(each) && each > 0);
  return [...new Set(seconds)]
    .sort((one, other) => one - other)
    .map(wholeDuration)
    .join(' or ');
}

/** What becomes of a refresh token; `undefined` where there is none. */
export function refreshTokenText(preset: ProviderPreset): string | undefined {
  const { grants, supportedGrants = grants, refreshToken } = preset;
  if (![...grants, ...supportedGrants].includes(REFRESH_TOKEN)) return undefined;
  const { rotates, graceSeconds, lifetimeSeconds, inactivitySeconds, jwtExpiry, notFromGrants } =
    refreshToken;
  return [
    ROTATION[rotates],
    ...(graceSeconds > 0 ? [`a used one still answers for ${wholeDuration(graceSeconds)}`] : []),
    ...(lifetimeSeconds === undefined
      ? []
      : [`ends ${wholeDuration(lifetimeSeconds)} after it was first issued, whatever is refreshed`]),
    ...(inactivitySeconds === undefined
      ? []
      : [`dies when it is not used for ${wholeDuration(inactivitySeconds)}`]),
    ...(jwtExpiry ? ['a JWT that says its own end'] : []),
    ...notFromGrants.map((grant) => `not kept where \`${grant}\` brought it`),
  ].join('; ');
}

const ROTATION = {
  always: 'single use: each refresh brings the next one',
  sometimes: 'a refresh may replace it',
  never: 'stays the same',
} as const;

/** How many token requests the provider allows. */
export function budgetTexts({ budgets }: Pick<ProviderPreset, 'budgets'>): string[] {
  return budgets.map(({ calls, perSeconds, scope }) => {
    const whose = scope === 'client' ? 'each client' : 'all clients together';
    const within = wholeDuration(perSeconds).replace(/^1 /, '');
    return `${calls.toLocaleString('en-US')} token requests ${/^\d/.test(within) ? 'in' : 'a'} ${within}, for ${whose}`;
  });
}

/** How the client proves itself, by grant where that differs. */
export function authenticationText({
  request,
  identity,
}: Pick<ProviderPreset, 'request' | 'identity'>): string {
  const { clientAuthentication, clientAuthenticationByGrant, basicEncoding, basicScheme } = request;
  const assertions = [request.assertion, ...Object.values(request.assertionByGrant)].filter(
    (each) => each !== undefined,
  );
  const method =
    identity?.use === 'token'
      ? "the role's own token, which is the access token"
      : `\`${clientAuthentication}\``;
  // In its place nothing else is sent.
  const isReplaced = assertions.some(({ use }) => use === 'bearer' || use === 'token');
  return [
    ...(isReplaced ? [] : [method]),
    ...Object.entries(clientAuthenticationByGrant).map(([grant, each]) => `\`${each}\` for \`${grant}\``),
    ...(basicEncoding === 'raw' ? ['id and secret are not encoded before base64'] : []),
    ...(basicScheme === 'Basic' ? [] : [`the scheme is called \`${basicScheme}\``]),
    ...(request.clientCertificate ? ["the TLS handshake shows the client's certificate"] : []),
    ...assertions.map(assertionText),
  ].join('; ');
}

const USES = {
  client: 'authenticates the client',
  grant: 'is the grant',
  bearer: 'goes into the Authorization header',
  token: 'is the access token',
} as const;

function assertionText({ use, algorithms, lifetimeSeconds, jti, claims }: AssertionRules): string {
  const signed = algorithms === undefined ? '' : `, signed with ${algorithms.join(' or ')}`;
  const named = Object.entries(claims).flatMap(([claim, value]) => (value === null ? [] : [`\`${claim}\``]));
  const told = named.length === 0 ? '' : `, with ${named.join(', ')} as the provider wants them`;
  return `a JWT ${USES[use]}${signed}, for ${wholeDuration(lifetimeSeconds)}${jti ? '' : ', without `jti`'}${told}`;
}

/** `name=value` of each. */
export function pairs(record: Readonly<Record<string, string | readonly string[]>>): string[] {
  return Object.entries(record).map(
    ([name, value]) => `${name}=${Array.isArray(value) ? value.join(',') : value}`,
  );
}
