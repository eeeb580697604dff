import type { Probe } from '../oauth/probe.ts';
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
