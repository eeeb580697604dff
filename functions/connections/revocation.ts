import type { RevocationStyle } from '../oauth/revocation-request.ts';
import type { Connection } from './connection.ts';
import { fillPlaceholders } from './placeholders.ts';
import type { ProviderPreset } from './provider-preset.ts';

/** Where and how a provider takes tokens back. */
export interface Revocation {
  readonly url: string;
  readonly style: RevocationStyle;
}

/**
 * Where the tokens of a connection are taken back; `undefined` where that is not known. As with token URLs,
 * credentials go to no URL of the preset when the connection names a token endpoint of its own.
 * @throws ConnectionError for a placeholder of the preset's URL that is missing or ill-formed
 */
export function revocationOf(
  connection: Connection,
  preset: ProviderPreset | undefined,
): Revocation | undefined {
  const { revocationUrl, tokenUrl, issuer, placeholders = {} } = connection;
  const style = preset?.revocation?.style ?? 'rfc7009';
  if (revocationUrl !== undefined) return { url: revocationUrl, style };
  if (tokenUrl !== undefined || issuer !== undefined || !preset?.revocation) return undefined;
  return { url: fillPlaceholders(preset.revocation.url, preset, placeholders), style };
}
