import { basename } from 'node:path';
import type * as z from 'zod';
import { describeIssues, pathText } from '../../functions/connections/parse/describe-issues.ts';
import { JsonSyntaxError, parseWithLocations } from '../../functions/connections/parse/json-locations.ts';
import { knownKeys } from '../../functions/connections/parse/known-keys.ts';
import { unreadableText } from '../../functions/connections/parse/readable-text.ts';
import {
  isExperimental,
  type ProviderPreset,
  providerPresetSchema,
} from '../../functions/connections/provider-preset.ts';
import { didYouMean } from '../../functions/text/near-name.ts';
import { exampleProblems } from './example-coverage.ts';
import type { FakeSecret } from './example-identity.ts';
import { type PresetExample, presetExamplesSchema } from './preset-example.ts';
import { presetFitNotes } from './preset-fit.ts';
import { anyHostPlaceholders, placeholderWeaknesses, urlProblems } from './preset-urls.ts';
import { replayExample } from './replay-example.ts';

/** Something about a preset: an `error` must be mended, a `note` is for a person to weigh. */
export interface PresetFinding {
  readonly level: 'error' | 'note';
  /** A sentence that begins with the place in the file. */
  readonly message: string;
}

/** What a file that is meant to be a preset comes to. */
export interface PresetReport {
  readonly file: string;
  /** Absent where the file does not say. */
  readonly id: string | undefined;
  /** Why connections must accept it; empty where they need not. */
  readonly experimental: readonly string[];
  /** How many examples were replayed. */
  readonly replayed: number;
  readonly findings: readonly PresetFinding[];
}

/**
 * Judges the text of a preset's file: its form, its URLs and placeholders, whether its tokens fit, and every example
 * replayed. Asks nobody, never throws for what the file holds, and repeats no secret.
 * @param fake makes the secrets of the replayed requests
 */
export async function checkPreset(file: string, text: string, fake: FakeSecret): Promise<PresetReport> {
  const nothing = { file, id: undefined, experimental: [], replayed: 0 };
  const read = readPreset(text);
  if ('problems' in read) return { ...nothing, findings: read.problems.map(asError) };
  const { preset, examples } = read;
  const replayed = await Promise.all(
    examples.map(async (example, index) =>
      (await replayExample(preset, example, fake)).map(
        (difference) => `examples[${index}] (${example.name}): ${difference}`,
      ),
    ),
  );
  const name = basename(file);
  const notes = [
    ...anyHostPlaceholders(preset).map(
      (key) =>
        `placeholders.${key}: takes the host of anybody, which is right only for a server that anybody runs`,
    ),
    ...presetFitNotes(preset, examples),
  ];
  return {
    file,
    id: preset.id,
    experimental: reasonsForExperimental(preset),
    replayed: examples.length,
    findings: [
      ...(name === `${preset.id}.json`
        ? []
        : [asError(`id: is "${preset.id}", and the file is called ${name}: call it ${preset.id}.json`)]),
      ...recalledProblems(preset).map(asError),
      ...urlProblems(preset).map(asError),
      ...placeholderWeaknesses(preset).map(asError),
      ...exampleProblems(preset, examples).map(asError),
      ...replayed.flat().map(asError),
      ...notes.map((message) => ({ level: 'note' as const, message })),
    ],
  };
}

/** Paths of `recalled` that lead nowhere: what they mean would pass for verified. */
function recalledProblems({ recalled }: ProviderPreset): readonly string[] {
  return recalled.flatMap((path, index) => {
    const names = path.split('.');
    for (const [at, name] of names.entries()) {
      const known = knownKeys(providerPresetSchema, names.slice(0, at));
      if (known.length === 0 || known.includes(name)) continue;
      return [`recalled[${index}]: "${path}" is no field of a preset${didYouMean(name, known)}`];
    }
    return [];
  });
}

/** Why a preset is experimental, in words. */
export function reasonsForExperimental(
  preset: Pick<ProviderPreset, 'verifiedAt' | 'recalled'>,
): readonly string[] {
  if (!isExperimental(preset)) return [];
  return [
    ...(preset.verifiedAt === undefined
      ? ['no "verifiedAt": nobody read its documentation on a day that the file names']
      : []),
    ...(preset.recalled.length > 0 ? [`recalled, and not read there: ${preset.recalled.join(', ')}`] : []),
  ];
}

type Read =
  | { readonly problems: readonly string[] }
  | { readonly preset: ProviderPreset; readonly examples: readonly PresetExample[] };

function readPreset(text: string): Read {
  let parsed: ReturnType<typeof parseWithLocations>;
  try {
    parsed = parseWithLocations(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    const { line, column } = error.location;
    return { problems: [`${line}:${column} this is not JSON: ${error.message}`] };
  }
  const { value, locations } = parsed;
  const placed = (path: readonly PropertyKey[], message: string) => {
    const { line, column } = locations.of(path);
    const at = pathText(path);
    return `${line}:${column} ${at === '' ? '' : `${at}: `}${message}`;
  };
  const unreadable = unreadableText(value);
  const doubled = locations.keyProblems.map(({ path, message }) => placed(path, message));
  if (unreadable.length + doubled.length > 0) {
    return { problems: [...doubled, ...unreadable.map(({ path, message }) => placed(path, message))] };
  }
  const preset = providerPresetSchema.safeParse(value, { reportInput: true });
  if (!preset.success) return { problems: issuesIn(providerPresetSchema, preset.error, placed, []) };
  const examples = presetExamplesSchema.safeParse(preset.data.examples ?? [], { reportInput: true });
  if (!examples.success)
    return { problems: issuesIn(presetExamplesSchema, examples.error, placed, ['examples']) };
  return { preset: preset.data, examples: examples.data };
}

function issuesIn(
  schema: z.ZodType,
  error: z.ZodError,
  placed: (path: readonly PropertyKey[], message: string) => string,
  under: readonly PropertyKey[],
): string[] {
  return describeIssues(schema, error.issues).map(({ path, message }) =>
    placed([...under, ...path], message),
  );
}

const asError = (message: string): PresetFinding => ({ level: 'error', message });
