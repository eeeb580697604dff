import type { Probe } from '../oauth/request/probe.ts';
import type { RevocationStyle } from '../oauth/request/revocation-request.ts';
import type { Connection } from './connection.ts';
import { fillPlaceholders } from './placeholders.ts';
import type { ProviderPreset } from './provider-preset.ts';

/** Scheme, host and port of a URL that may hold placeholders. */
const PLACE = /^https:\/\/[^/?#]+/;

/**
 * The call that proves a connection's access tokens, where its preset has one. A connection with a token
 * endpoint of its own sends its tokens nowhere but there: its probe goes to that origin when the preset's
 * API and token endpoint share one, and there is none otherwise.
 * @throws ConnectionError for a placeholder that is missing or ill-formed
 */
export function probeOf(connection: Connection, preset: ProviderPreset | undefined): Probe | undefined {
  if (preset?.probe === undefined) return undefined;
  const { method, url } = preset.probe;
  const { tokenUrl, issuer, placeholders = {} } = connection;
  if (tokenUrl === undefined && issuer === undefined) {
    return { method, url: fillPlaceholders(url, preset, placeholders) };
  }
  const place = PLACE.exec(url)?.[0];
  const path = url.slice(place?.length);
  const isShared = place !== undefined && preset.tokenUrl?.match(PLACE)?.[0] === place;
  if (tokenUrl === undefined || !isShared || path.includes('{')) return undefined;
  return { method, url: `${new URL(tokenUrl).origin}${path}` };
}

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
  const { revocationUrl, tokenUrl, issuer, placeholders = {}, rules } = connection;
  const style = preset?.revocation?.style ?? 'rfc7009';
  if (revocationUrl !== undefined) return { url: revocationUrl, style };
  const hasOwn = tokenUrl !== undefined || issuer !== undefined;
  if (!preset?.revocation || (hasOwn && rules?.revocation === undefined)) return undefined;
  return { url: fillPlaceholders(preset.revocation.url, preset, placeholders), style };
}
