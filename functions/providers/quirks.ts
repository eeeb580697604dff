import type { ProviderPreset } from '../connections/provider-preset.ts';
import type { ErrorRules, RequestRules, ResponseRules } from '../oauth/endpoint-rules.ts';
import { pairs } from './describe-preset.ts';

/** Where a provider leaves RFC 6749, in words: what Evertoken does so that nobody has to think of it. */
export function quirksOf(preset: ProviderPreset): readonly string[] {
  return [
    ...(preset.refreshUrl === undefined ? [] : [`refreshes go to ${code(preset.refreshUrl)}`]),
    ...requestQuirks(preset.request),
    ...responseQuirks(preset.response),
    ...errorQuirks(preset.errors),
    ...revocationQuirks(preset.revocation),
  ];
}

function requestQuirks(rules: RequestRules): string[] {
  const { bodyFormat, parameterLocation, method, parameters, parametersByGrant, scopeSeparator } = rules;
  return [
    ...(method === 'GET' ? ['asked by GET'] : []),
    ...(parameterLocation === 'query' && method !== 'GET' ? ['parameters stand in the query'] : []),
    ...(bodyFormat === 'form'
      ? []
      : [bodyFormat === 'json' ? 'the request is JSON' : 'the request has no body']),
    ...Object.entries(rules.parameterNames).map(
      ([ours, theirs]) => `${code(ours)} is called ${code(theirs)}`,
    ),
    ...pairs(parameters).map((pair) => `sends ${code(pair)}`),
    ...Object.entries(parametersByGrant).flatMap(([grant, each]) =>
      pairs(each).map((pair) => `sends ${code(pair)} with ${code(grant)}`),
    ),
    ...Object.entries(rules.sendOnly).map(
      ([grant, names]) => `sends only ${list(names)} with ${code(grant)}`,
    ),
    ...Object.entries(rules.headers).map(([name, value]) => `sends the header ${code(`${name}: ${value}`)}`),
    ...(scopeSeparator === ' ' ? [] : [`scopes are joined by ${code(scopeSeparator)}`]),
    ...(rules.defaultScope === undefined
      ? []
      : [`asks for ${code(rules.defaultScope)} where no scope is declared`]),
  ];
}

function responseQuirks(rules: ResponseRules): string[] {
  const { path, expiresInUnit, expiresAtField, refreshTokenExpiresInField, successStatus, extras } = rules;
  return [
    ...(path.length === 0 ? [] : [`the answer stands in ${code(path.join('.'))}`]),
    ...Object.entries(rules.fields).map(([ours, theirs]) => `${code(ours)} is read from ${code(theirs)}`),
    ...(expiresInUnit === 'seconds' ? [] : [`${code('expires_in')} is in ${expiresInUnit}`]),
    ...(expiresAtField === undefined ? [] : [`the end is the instant in ${code(expiresAtField)}`]),
    ...(refreshTokenExpiresInField === undefined
      ? []
      : [`the refresh token's lifetime is read from ${code(refreshTokenExpiresInField)}`]),
    ...(successStatus === undefined ? [] : [`a success is only HTTP ${successStatus.join(' or ')}`]),
    ...Object.entries(rules.successWhen).map(
      ([field, values]) =>
        `a success has ${code(field)} ${values.map((value) => code(String(value))).join(' or ')}`,
    ),
    ...(extras.length === 0 ? [] : [`publishes ${list(extras)} with the token`]),
  ];
}

const MEANINGS = {
  invalidGrant: 'a dead refresh token or assertion',
  invalidClient: 'that the client is refused',
  configuration: 'that a person must change something',
  throttled: 'too many requests',
  transient: 'that it is tried again',
} as const satisfies Partial<Record<keyof ErrorRules, string>>;

function errorQuirks(rules: ErrorRules): string[] {
  const paths = [...rules.codePaths, ...rules.messagePaths];
  return [
    ...(paths.length === 0 ? [] : [`errors stand in ${list(paths)}`]),
    ...Object.entries(MEANINGS).flatMap(([key, meaning]) => {
      const entries = rules[key as keyof typeof MEANINGS];
      return entries.length === 0
        ? []
        : [`${list(entries)} ${entries.length === 1 ? 'means' : 'mean'} ${meaning}`];
    }),
  ];
}

const STYLES = {
  rfc7009: undefined,
  'bearer-and-token': 'a token is revoked with the access token as Bearer',
  bearer: 'an access token is revoked by itself, as Bearer',
  'client-delete': 'a token is revoked by DELETE',
} as const satisfies Record<NonNullable<ProviderPreset['revocation']>['style'], string | undefined>;

function revocationQuirks(revocation: ProviderPreset['revocation']): string[] {
  const words = revocation && STYLES[revocation.style];
  return words === undefined ? [] : [words];
}

const code = (text: string) => `\`${text}\``;
const list = (texts: readonly string[]) => texts.map(code).join(', ');
