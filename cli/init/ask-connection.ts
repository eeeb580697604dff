import type { ConnectionFields } from '../../functions/connections/connection-fields.ts';
import { nameProblem } from '../../functions/connections/connection-name.ts';
import { endpointUrlProblem, issuerProblem } from '../../functions/connections/endpoint-url.ts';
import { isExperimental, type ProviderPreset } from '../../functions/connections/provider-preset.ts';
import { RFC_PRESET } from '../../functions/connections/resolve-connection.ts';
import { REFRESH_TOKEN } from '../../functions/oauth/grant-type.ts';
import { loadPreset } from '../../functions/providers/load-preset.ts';
import { presetIds } from '../../functions/providers/presets.ts';
import type { CommandContext } from '../command-context.ts';
import { WrongUsage } from '../command-failed.ts';
import type { Io } from '../io.ts';
import { lateTokenEndpoint } from '../late-token-endpoint.ts';
import { askText, choose, chooseSome, confirm, isInteractive } from '../prompts.ts';
import { findAuthorizationUrl } from './find-authorization-url.ts';
import { OFFERED_GRANTS, refuseUnknownGrants } from './known-grants.ts';
import { canSignIn, needsRefreshToken } from './next-steps.ts';

/** What the arguments of `init` say already. */
export interface InitOptions {
  readonly provider?: string;
  readonly issuer?: string;
  readonly tokenUrl?: string;
  readonly authorizationUrl?: string;
  readonly credentials?: string;
  /** ARN of a key in KMS. */
  readonly signingKey?: string;
  readonly identity?: boolean;
  readonly clientId?: string;
  readonly grants?: string;
  readonly scope?: string;
  readonly acceptExperimental?: boolean;
  /** `key=value` each. */
  readonly placeholder?: readonly string[];
}

const BY_TOKEN_URL = ' token URL';
const BY_ISSUER = ' issuer';

/**
 * A connection from the arguments; what they leave out is asked for where there is a person.
 * @throws WrongUsage that names the options to give where there is none
 */
export async function askConnection(
  name: string,
  options: InitOptions,
  context: Pick<CommandContext, 'io' | 'remark'>,
): Promise<Record<keyof ConnectionFields, unknown>> {
  const { io } = context;
  const interactive = isInteractive(io);
  const source = await askSource(options, io, interactive);
  const preset = (source.provider && (await loadPreset(source.provider))) || RFC_PRESET;
  const acceptExperimental =
    options.acceptExperimental || (interactive && (await acceptsUnverified(preset, io)));
  const placeholders = await askPlaceholders(preset, options.placeholder ?? [], io, interactive);
  const needsCredentials = options.identity !== true;
  const credentials =
    options.credentials ??
    (needsCredentials ? await askCredentials(name, source.provider, io, interactive) : undefined);
  const grants = await grantsOf(options, preset, io, interactive);
  const isMissing =
    needsRefreshToken({ grants: grants && [...grants] }, preset) && !canSignIn(source, preset);
  const authorizationUrl =
    options.authorizationUrl ?? (isMissing ? await signInUrl(source, context, interactive) : '');
  const scope = options.scope ?? (interactive ? await askText(io, 'Scope (empty for the default)') : '');
  return {
    ...source,
    ...(Object.keys(placeholders).length > 0 && { placeholders }),
    ...(credentials !== undefined && { credentials }),
    ...(options.signingKey !== undefined && { signingKey: { kmsKeyArn: options.signingKey } }),
    ...(options.identity && { identity: 'aws' }),
    ...(options.clientId !== undefined && { clientId: options.clientId }),
    ...(grants && !isDefault(grants, preset) && { grants }),
    ...(authorizationUrl !== '' && { authorizationUrl }),
    ...(scope !== '' && { scope }),
    ...(acceptExperimental && { acceptExperimental: true }),
  } as Record<keyof ConnectionFields, unknown>;
}

export async function askName(io: Io): Promise<string> {
  if (!isInteractive(io)) throw new WrongUsage('Name the connection: evertoken init NAME.');
  return askText(io, 'Name of the connection', { validate: named });
}

type Source = Pick<InitOptions, 'provider' | 'issuer' | 'tokenUrl'>;

async function askSource(
  { provider, issuer, tokenUrl }: InitOptions,
  io: Io,
  interactive: boolean,
): Promise<Source> {
  const given = {
    ...(provider !== undefined && { provider }),
    ...(issuer !== undefined && { issuer }),
    ...(tokenUrl !== undefined && { tokenUrl }),
  };
  if (Object.keys(given).length > 0) return given;
  if (!interactive) throw new WrongUsage('Give --provider, --issuer or --token-url.');
  const presets = await Promise.all((await presetIds()).map(loadPreset));
  const chosen = await choose(io, 'Provider', [
    ...presets.flatMap((preset) => (preset ? [{ name: preset.name, value: preset.id }] : [])),
    { name: 'another, by its token URL', value: BY_TOKEN_URL },
    { name: 'another, by its issuer', value: BY_ISSUER },
  ]);
  if (chosen === BY_TOKEN_URL) {
    return { tokenUrl: await askText(io, 'Token URL', { validate: unless(endpointUrlProblem) }) };
  }
  if (chosen === BY_ISSUER) {
    return { issuer: await askText(io, 'Issuer', { validate: unless(issuerProblem) }) };
  }
  return { provider: chosen };
}

/** Only a person may say so who has read what nobody verified. */
async function acceptsUnverified(preset: ProviderPreset, io: Io): Promise<boolean> {
  if (preset === RFC_PRESET || !isExperimental(preset)) return false;
  return confirm(
    io,
    `The preset of ${preset.name} was not verified against ${preset.docsUrl}. Did you compare it?`,
  );
}

async function askPlaceholders(
  { name, placeholders }: ProviderPreset,
  given: readonly string[],
  io: Io,
  interactive: boolean,
): Promise<Record<string, string>> {
  const values: Record<string, string> = Object.fromEntries(given.map(pair));
  for (const [key, { description, example, pattern }] of Object.entries(placeholders)) {
    if (values[key] !== undefined) continue;
    if (!interactive)
      throw new WrongUsage(`${name} needs --placeholder ${key}=…: ${description}, e.g. ${example}.`);
    const fits = new RegExp(`^(?:${pattern})$`);
    values[key] = await askText(io, `${key}: ${description}, e.g. ${example}`, {
      validate: (value) => fits.test(value) || `Expected something like "${example}".`,
    });
  }
  return values;
}

async function askCredentials(
  name: string,
  provider: string | undefined,
  io: Io,
  interactive: boolean,
): Promise<string> {
  if (!interactive) throw new WrongUsage('Give --credentials, the name of the credentials to use.');
  const suggestion = provider === undefined ? name : `${provider}-main`;
  return askText(io, 'Name of the credentials (several connections may share them)', {
    suggestion,
    validate: named,
  });
}

/** The grants that are wanted; `undefined` for those of the preset. @throws WrongUsage for one that nobody knows */
async function grantsOf(
  { grants: given, authorizationUrl }: InitOptions,
  preset: ProviderPreset,
  io: Io,
  interactive: boolean,
): Promise<readonly string[] | undefined> {
  // Who says where a person signs in wants what comes of it.
  const signsIn = authorizationUrl !== undefined && !preset.grants.includes(REFRESH_TOKEN);
  const usual = signsIn ? [REFRESH_TOKEN] : preset.grants;
  const grants =
    given?.split(',').map((grant) => grant.trim()) ??
    (interactive ? await askGrants(preset, usual, io) : signsIn ? usual : undefined);
  if (grants === undefined) return undefined;
  await refuseUnknownGrants(grants);
  if (authorizationUrl === undefined || grants.includes(REFRESH_TOKEN)) return grants;
  throw new WrongUsage(
    `--authorization-url: a sign-in gives a refresh token, which no grant of ${grants.join(', ')} uses: add ${REFRESH_TOKEN} to them.`,
  );
}

async function askGrants(preset: ProviderPreset, usual: readonly string[], io: Io): Promise<string[]> {
  const known = [...preset.grants, ...(preset.supportedGrants ?? OFFERED_GRANTS)];
  const offered = [...new Set([...usual, ...known])];
  return chooseSome(io, 'Grants, the first is tried first', offered, usual);
}

/** What `authorize` needs, and nothing else says: the provider's metadata, else whoever is there. */
async function signInUrl(
  { tokenUrl }: Source,
  { io, remark }: Pick<CommandContext, 'io' | 'remark'>,
  interactive: boolean,
): Promise<string> {
  const found =
    tokenUrl === undefined ? undefined : await findAuthorizationUrl(tokenUrl, await lateTokenEndpoint(io));
  if (!interactive) {
    if (found !== undefined) remark(`The metadata of the provider says where a person signs in: ${found}`);
    return found ?? '';
  }
  const hint =
    found === undefined ? 'empty if you have a refresh token' : 'as the metadata of the provider says';
  const validate = unless((value) => (value === '' ? undefined : endpointUrlProblem(value)));
  return askText(io, `Authorization URL, where a person signs in (${hint})`, { validate, suggestion: found });
}

function isDefault(grants: readonly string[], preset: ProviderPreset): boolean {
  return (
    grants.length === preset.grants.length && grants.every((grant, index) => grant === preset.grants[index])
  );
}

function pair(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new WrongUsage(`--placeholder ${text}: expected key=value.`);
  return [text.slice(0, at), text.slice(at + 1)];
}

const unless =
  (problem: (value: string) => string | undefined) =>
  (value: string): true | string =>
    problem(value) ?? true;

const named = unless((value) => {
  const problem = nameProblem(value);
  return problem && `The name ${problem}.`;
});
