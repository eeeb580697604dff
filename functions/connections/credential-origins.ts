import { isOriginAllowed, originPatternProblem } from '../oauth/request/allowed-origins.ts';
import type { Connection } from './connection.ts';
import type { ProviderPreset } from './provider-preset.ts';

/** What of a connection names an endpoint that credentials are sent to. */
type Endpoints = Pick<
  Connection,
  'tokenUrl' | 'issuer' | 'deviceAuthorizationUrl' | 'revocationUrl' | 'placeholders' | 'rules'
>;

/**
 * Every origin that a connection sends its credentials to, as far as it is known without asking the issuer, in the
 * words of `allowed_token_origins`. Where a preset has a placeholder for a label of the host, it is `*`: the
 * credentials of one app go to many tenants' hosts, and are one line all the same.
 */
export function credentialOrigins(connection: Endpoints, preset?: ProviderPreset): readonly string[] {
  const { tokenUrl, issuer, placeholders = {}, rules } = connection;
  const own = [tokenUrl, issuer];
  const hasOwn = own.some((url) => url !== undefined);
  const templates = [
    ...(hasOwn ? [...own, rules?.refreshUrl] : [preset?.tokenUrl, preset?.refreshUrl, preset?.issuer]),
    connection.deviceAuthorizationUrl ?? (hasOwn ? rules : preset)?.deviceAuthorizationUrl,
    connection.revocationUrl ?? (hasOwn ? rules : preset)?.revocation?.url,
  ];
  const patterns = templates.flatMap(
    (template) => originPattern(template, meant(placeholders, preset), preset) ?? [],
  );
  return [...new Set(patterns)];
}

/** What each placeholder is filled in with: its default where nothing is said, and what a listed value stands for. */
function meant(
  said: Readonly<Record<string, string>>,
  preset: ProviderPreset | undefined,
): Readonly<Record<string, string>> {
  const filled = Object.entries(preset?.placeholders ?? {}).flatMap(([key, placeholder]) => {
    const value = (Object.hasOwn(said, key) ? said[key] : undefined) ?? placeholder.default;
    return value === undefined ? [] : [[key, placeholder.values?.[value] ?? value] as const];
  });
  return { ...said, ...Object.fromEntries(filled) };
}

/** How the origin of a URL is called: by the pattern that covers it, else by itself. */
export function originName(url: string, origins: readonly string[]): string {
  return origins.find((pattern) => isOriginAllowed([pattern], url)) ?? new URL(url).origin;
}

const PLACE = /^(https?:\/\/)([^/?#]+)/i;

/** `undefined` where a value is missing: then nothing is sent either. */
function originPattern(
  template: string | undefined,
  values: Readonly<Record<string, string>>,
  preset: ProviderPreset | undefined,
): string | undefined {
  // A wildcard stands for one label, of any tenant; of what a preset lists, one is meant.
  const isLabel = (key: string) =>
    !(Object.hasOwn(values, key) && values[key]?.includes('.')) && !preset?.placeholders[key]?.values;
  const [, scheme = '', place = ''] = PLACE.exec(template ?? '') ?? [];
  const pattern =
    scheme +
    place.replace(/(^|\.)\{([^{}]+)\}(?=\.)/g, (whole, dot: string, key: string) =>
      isLabel(key) ? `${dot}*` : whole,
    );
  if (pattern.includes('*') && !pattern.includes('{') && originPatternProblem(pattern) === undefined) {
    return pattern;
  }
  const filled = place.replace(/\{([^{}]+)\}/g, (whole, key: string) =>
    Object.hasOwn(values, key) ? (values[key] ?? whole) : whole,
  );
  return URL.canParse(scheme + filled) && !filled.includes('{') ? new URL(scheme + filled).origin : undefined;
}
