import type { ProviderPreset } from '../../functions/connections/provider-preset.ts';
import { REFRESH_TOKEN } from '../../functions/oauth/grant-type.ts';
import { sendsNothing } from './example-exchange.ts';
import type { PresetExample } from './preset-example.ts';

/** Which examples a preset lacks, in a sentence each. */
export function exampleProblems(
  preset: ProviderPreset,
  examples: readonly PresetExample[],
): readonly string[] {
  const sent = preset.grants.filter((grant) => !sendsNothing(preset, { grant }));
  const has = (is: (example: PresetExample) => boolean) => examples.some(is);
  const kindIs = ({ expect }: PresetExample, ...kinds: readonly string[]) =>
    expect.error !== undefined && kinds.includes(expect.error.kind);
  const missing = [
    ...preset.grants.flatMap((grant) => {
      const ofGrant = examples.filter((example) => example.grant === grant);
      if (!ofGrant.some(({ expect }) => expect.token !== undefined)) return [`a success of "${grant}"`];
      const isRecorded = ofGrant.some(({ request }) => request !== undefined);
      return sent.includes(grant) && !isRecorded ? [`the "request" of "${grant}"`] : [];
    }),
    ...(sent.length > 0 &&
    !has((example) => kindIs(example, 'client-refused', 'configuration', 'unsure', 'refused'))
      ? ['a client that is refused, such as one with a wrong secret']
      : []),
    ...(sent.length > 0 && !has((example) => kindIs(example, 'throttled'))
      ? ['too many requests (kind "throttled"): a 429, or what the provider says']
      : []),
    ...(sent.includes(REFRESH_TOKEN) &&
    !has((example) => example.grant === REFRESH_TOKEN && isDeadToken(example))
      ? ['a dead refresh token']
      : []),
  ];
  const names = examples.map(({ name }) => name);
  const doubled = [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];
  return [
    ...missing.map((what) => `examples: one is missing: ${what}`),
    ...doubled.map((name) => `examples: "${name}" is the name of several: call each by its own`),
  ];
}

/** Not every provider says it in a code that is sure. */
function isDeadToken({ name, expect }: PresetExample): boolean {
  return expect.error?.kind === 'refused' || (expect.error !== undefined && /\bdead\b/i.test(name));
}
