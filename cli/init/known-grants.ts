import { RFC_GRANTS } from '../../functions/connections/resolve-connection.ts';
import {
  AUTHORIZATION_CODE,
  JWT_BEARER,
  SAML2_BEARER,
  SELF_SIGNED,
  TOKEN_EXCHANGE,
} from '../../functions/oauth/grant-type.ts';
import { loadPreset } from '../../functions/providers/load-preset.ts';
import { presetIds } from '../../functions/providers/presets.ts';
import { didYouMean } from '../../functions/text/near-name.ts';
import { WrongUsage } from '../command-failed.ts';

/** What may be offered where nobody says what a provider takes; a sign-in is no grant that can be repeated. */
export const OFFERED_GRANTS = RFC_GRANTS.filter((grant) => grant !== AUTHORIZATION_CODE);

const KNOWN = [...OFFERED_GRANTS, JWT_BEARER, TOKEN_EXCHANGE, SAML2_BEARER, SELF_SIGNED];

/**
 * Refuses a grant type that nobody knows: none of a specification's, none of any preset's, and no absolute URI, as
 * extensions have (RFC 6749 section 4.5).
 * @throws WrongUsage with what was meant
 */
export async function refuseUnknownGrants(grants: readonly string[]): Promise<void> {
  const strange = grants.filter((grant) => !KNOWN.includes(grant) && !/^[a-z][a-z0-9+.-]*:\S+$/i.test(grant));
  if (strange.length === 0) return;
  const known = [...new Set([...KNOWN, ...(await grantsOfPresets())])];
  // A sign-in is refused with what to do instead, where the connection is judged.
  const unknown = strange.find((grant) => !known.includes(grant) && !RFC_GRANTS.includes(grant));
  if (unknown === undefined) return;
  const hint =
    didYouMean(unknown, known) || `; there are ${OFFERED_GRANTS.join(', ')}, and URIs of extensions.`;
  throw new WrongUsage(`--grants: nobody knows a grant type "${unknown}"${hint}`);
}

async function grantsOfPresets(): Promise<readonly string[]> {
  const presets = await Promise.all((await presetIds()).map(loadPreset));
  return presets.flatMap((preset) => (preset ? [...preset.grants, ...(preset.supportedGrants ?? [])] : []));
}
