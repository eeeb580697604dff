import { placeholdersIn } from '../../../functions/connections/placeholders.ts';
import type { ProviderPreset } from '../../../functions/connections/provider-preset.ts';
import { plainName } from '../../../functions/text/near-name.ts';
import { plainHost, plainUrl, type RegistryEntry } from './registry-entry.ts';

/** What registries say of one preset. */
export interface PresetComparison {
  readonly id: string;
  /** Sources with the same token URL. */
  readonly agreeing: readonly string[];
  /** A sentence for each thing that a source says otherwise. */
  readonly disagreements: readonly string[];
}

/** Compares a preset with every entry that is about its provider: by the provider's name, or by its host. */
export function comparePreset(preset: ProviderPreset, entries: readonly RegistryEntry[]): PresetComparison {
  const urls = tokenUrls(preset);
  const hosts = new Set(urls.map(plainHost).filter((host) => host !== '*'));
  const names = new Set([preset.id, preset.name].map(plainName));
  const related = entries.filter(
    ({ name, tokenUrl }) =>
      (name !== undefined && names.has(plainName(name))) || hosts.has(plainHost(tokenUrl)),
  );
  const isSame = ({ tokenUrl }: RegistryEntry) => urls.map(plainUrl).includes(plainUrl(tokenUrl));
  return {
    id: preset.id,
    agreeing: related.filter(isSame).map(({ source }) => source),
    disagreements: related.flatMap((entry) =>
      isSame(entry)
        ? differences(preset, entry)
        : [
            `token URL: ours is ${urls.join(' or ') || 'known to the issuer alone'}; ${entry.source} has ${entry.tokenUrl}`,
          ],
    ),
  };
}

/** As they are, and with each value that a placeholder lists. */
function tokenUrls({ tokenUrl, refreshUrl, placeholders }: ProviderPreset): readonly string[] {
  const templates = [tokenUrl, refreshUrl].filter((url) => url !== undefined);
  return templates.flatMap((template) =>
    placeholdersIn(template).reduce<readonly string[]>(
      (urls, key) => {
        const values = Object.values(placeholders[key]?.values ?? {});
        if (values.length === 0) return urls;
        return urls.flatMap((url) => values.map((value) => url.replaceAll(`{${key}}`, value)));
      },
      [template],
    ),
  );
}

function differences(preset: ProviderPreset, entry: RegistryEntry): string[] {
  const { request, refreshToken, refreshUrl } = preset;
  const said = (what: string, ours: string, theirs: string) =>
    `${what}: ours is ${ours}; ${entry.source} has ${theirs}`;
  const methods = [request.clientAuthentication, ...Object.values(request.clientAuthenticationByGrant)];
  const isOther = <Value>(theirs: readonly Value[] | undefined, ours: readonly Value[]) =>
    theirs !== undefined && theirs.length > 0 && !theirs.some((each) => ours.includes(each));
  const { authentication, bodyFormats, method, parameterLocation, rotates, scopeSeparator } = entry;
  return [
    ...(entry.refreshUrl !== undefined &&
    plainUrl(entry.refreshUrl) !== plainUrl(refreshUrl ?? preset.tokenUrl ?? '')
      ? [said('refresh URL', refreshUrl ?? 'the token URL', entry.refreshUrl)]
      : []),
    ...(isOther(method && [method], [request.method])
      ? [said('method', request.method, String(method))]
      : []),
    ...(isOther(authentication, methods)
      ? [said('client authentication', methods.join(' or '), String(authentication?.join(' or ')))]
      : []),
    ...(isOther(bodyFormats, request.bodyFormat === 'none' ? [] : [request.bodyFormat])
      ? [said('body format', request.bodyFormat, String(bodyFormats?.join(' or ')))]
      : []),
    ...(isOther(parameterLocation && [parameterLocation], [request.parameterLocation as 'query'])
      ? [said('parameters', `in the ${request.parameterLocation}`, `them in the ${parameterLocation}`)]
      : []),
    ...(isOther(scopeSeparator === undefined ? undefined : [scopeSeparator], [request.scopeSeparator])
      ? [said('scope separator', JSON.stringify(request.scopeSeparator), JSON.stringify(scopeSeparator))]
      : []),
    ...(rotates && refreshToken.rotates !== 'always'
      ? [said('refreshToken.rotates', `"${refreshToken.rotates}"`, 'single use')]
      : []),
  ];
}
