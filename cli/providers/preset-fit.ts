import { type FitInput, type FitProblem, fit, fitsSecret } from '../../functions/connections/fit.ts';
import type { ProviderPreset } from '../../functions/connections/provider-preset.ts';
import { REFRESH_TOKEN } from '../../functions/oauth/grant-type.ts';
import type { PresetExample } from './preset-example.ts';

/** Lifetime that is assumed where nothing says. */
const ASSUMED_LIFETIME_SECONDS = 3600;

/** What decides whether a connection that names its provider and no more can be kept fresh. */
export function presetFitInput(preset: ProviderPreset, examples: readonly PresetExample[]): FitInput {
  const refreshes = preset.grants.includes(REFRESH_TOKEN);
  const recorded = examples
    .filter(({ grant }) => preset.grants.includes(grant))
    .flatMap(({ expect }) => expect.token?.expiresInSeconds ?? [])
    .filter((seconds) => seconds > 0);
  const input = {
    lifetimeSeconds:
      recorded.length > 0
        ? Math.min(...recorded)
        : (preset.defaultLifetimeSeconds ?? ASSUMED_LIFETIME_SECONDS),
    spendsRefreshToken: refreshes && preset.refreshToken.rotates !== 'never',
    earliestRefreshSeconds: preset.accessToken.earliestRefreshSeconds,
    refreshTokenInactivitySeconds: refreshes ? preset.refreshToken.inactivitySeconds : undefined,
  };
  return { ...input, place: fitsSecret(input) ? 'secret' : 'parameter' };
}

/** What refuses such a connection. */
export function misfits(input: FitInput): readonly FitProblem[] {
  return fit(input).filter(({ level }) => level === 'error');
}

/** What a person must know who deploys such a connection with defaults: what does not fit, and what to set. */
export function presetFitNotes(
  preset: ProviderPreset,
  examples: readonly PresetExample[],
): readonly string[] {
  return misfits(presetFitInput(preset, examples)).map(
    ({ message, remedy }) => `with its defaults, ${message}: ${remedy}`,
  );
}
