import { type Placeholder, placeholderProblems, placeholdersIn } from './placeholders.ts';

/** What of a preset must fit together. */
interface Preset {
  readonly issuer?: string | undefined;
  readonly tokenUrl?: string | undefined;
  readonly refreshUrl?: string | undefined;
  readonly authorizationUrl?: string | undefined;
  readonly deviceAuthorizationUrl?: string | undefined;
  readonly probe?: { readonly url: string } | undefined;
  readonly revocation?: { readonly url: string } | undefined;
  readonly placeholders: Readonly<Record<string, Placeholder>>;
  readonly grants: readonly string[];
  readonly supportedGrants?: readonly string[] | undefined;
}

/** Parts of a preset that make no sense together. */
export interface PresetProblem {
  readonly path: readonly string[];
  readonly message: string;
}

/** What is wrong with the fields of a preset taken together. */
export function presetProblems(preset: Preset): PresetProblem[] {
  const problems: PresetProblem[] = [];
  const refuse = (path: readonly string[], message: string) => problems.push({ path, message });
  for (const [field, url] of presetUrls(preset)) {
    for (const key of placeholdersIn(url ?? '')) {
      // A value that no pattern guards could lead credentials to any host.
      const isClients = field === 'revocation' && key === 'credential.client_id';
      if (!isClients && !Object.hasOwn(preset.placeholders, key)) {
        refuse([field], `holds "{${key}}", which is not among the placeholders`);
      }
    }
  }
  for (const [key, placeholder] of Object.entries(preset.placeholders)) {
    for (const problem of placeholderProblems(placeholder)) refuse(['placeholders', key], problem);
  }
  for (const grant of preset.grants) {
    if (preset.supportedGrants?.includes(grant) === false)
      refuse(['grants'], `"${grant}" is not among supportedGrants`);
  }
  return problems;
}

/** The first of them; `undefined` where there is none. */
export function presetProblem(preset: Preset): PresetProblem | undefined {
  return presetProblems(preset)[0];
}

/** Every URL of a preset, with its place in it. */
function presetUrls(preset: Preset): (readonly [string, string | undefined])[] {
  return [
    ['issuer', preset.issuer],
    ['tokenUrl', preset.tokenUrl],
    ['refreshUrl', preset.refreshUrl],
    ['authorizationUrl', preset.authorizationUrl],
    ['deviceAuthorizationUrl', preset.deviceAuthorizationUrl],
    ['probe', preset.probe?.url],
    ['revocation', preset.revocation?.url],
  ];
}
