import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import {
  type DeploymentSettings,
  deploymentSettingsSchema,
  SETTING_NAMES,
  SETTINGS_FILE,
  type SettingName,
  settingsProblems,
  USUAL_SETTINGS,
} from '../../functions/connections/deployment-settings.ts';
import { describeIssues, pathText } from '../../functions/connections/parse/describe-issues.ts';
import { fileProblemText } from '../../functions/connections/parse/parse-json-file.ts';
import { parseSettings } from '../../functions/connections/parse/parse-settings.ts';
import { didYouMean, nearName, plainName } from '../../functions/text/near-name.ts';
import { SynthProblem } from '../synth-problem.ts';

/** What one synthesis goes by. */
export interface Settings {
  /** What holds, by the file and the context over it. What neither says is absent. */
  readonly said: DeploymentSettings;
  /** The file that they are kept in, as it was named. */
  readonly file: string;
  readonly namespace: string;
  /** The file of connections, from the folder that CDK runs in. */
  readonly connections: string;
  /** Those that the context says. */
  readonly byContext: readonly SettingName[];
  /** Settings that may be taken back, or changed, this once. */
  readonly mayChange: readonly string[];
  /** What holds for a run with this context alone, a sentence each. */
  readonly onlyByContext: readonly string[];
}

/** Keys of the context beside settings. */
const OF_ONE_RUN = ['settings', 'change'] as const;
/** Too much for a command line. */
const IN_THE_FILE: readonly SettingName[] = ['network', 'tags'];
const LISTS: readonly SettingName[] = ['allowedTokenOrigins'];
const TEXTS: readonly SettingName[] = [
  'namespace',
  'connections',
  'encryption',
  'alarmEmail',
  'statusWidget',
];

/**
 * Reads the settings of a deployment: its file, and over that the context of this run. An empty value of the context
 * counts as absent; so does the file, unless the context names one.
 * @param context of the app; what CDK itself keeps there is passed over
 * @throws SynthProblem that names the place, what was found and what is allowed
 */
export function readSettings(context: Readonly<Record<string, unknown>>): Settings {
  refuseUnknown(context);
  const named = textOf(context, 'settings');
  const file = named ?? SETTINGS_FILE;
  const kept = readFile(file, { mustExist: named !== undefined });
  const given = fromContext(context);
  const said = { ...kept, ...given };
  const byContext = Object.keys(given) as SettingName[];
  const [problem] = settingsProblems(said);
  if (problem) throw new SynthProblem(`${pathText(problem.path)}: ${problem.message}`);
  return {
    said,
    file,
    namespace: said.namespace ?? USUAL_SETTINGS.namespace,
    connections: given.connections ?? besideOf(file, kept.connections ?? USUAL_SETTINGS.connections),
    byContext,
    mayChange: mayChange(context),
    onlyByContext: byContext.flatMap((name) => note(name, { kept, given, file })),
  };
}

const besideOf = (file: string, path: string) => (isAbsolute(path) ? path : join(dirname(file), path));

function readFile(file: string, { mustExist }: { readonly mustExist: boolean }): DeploymentSettings {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !mustExist) return {};
    throw new SynthProblem(
      `${file}: cannot be read (${code}); the context "settings" names the file of settings`,
    );
  }
  const parsed = parseSettings(text, file);
  if (!parsed.ok) throw new SynthProblem(parsed.problems.map(fileProblemText).join('\n'));
  const { $schema: _, ...settings } = parsed.value;
  return settings;
}

/** On the command line every value is a string. @throws SynthProblem */
function fromContext(context: Readonly<Record<string, unknown>>): DeploymentSettings {
  const given = SETTING_NAMES.filter((name) => (context[name] ?? '') !== '').map((name) => {
    if (IN_THE_FILE.includes(name)) {
      throw new SynthProblem(`context "${name}": is kept in the file of settings alone: write it there`);
    }
    return [name, asJson(name, context[name])] as const;
  });
  const parsed = deploymentSettingsSchema.safeParse(Object.fromEntries(given), { reportInput: true });
  if (parsed.success) return parsed.data;
  const [problem] = describeIssues(deploymentSettingsSchema, parsed.error.issues);
  const [name, ...inner] = problem?.path ?? [];
  const at = inner.length > 0 ? `${pathText(inner)}: ` : '';
  throw new SynthProblem(`context "${String(name)}": ${at}${problem?.message}`);
}

function asJson(name: SettingName, value: unknown): unknown {
  if (typeof value !== 'string' || TEXTS.includes(name)) return value;
  if (LISTS.includes(name)) return words(value);
  if (value === 'true' || value === 'false') return value === 'true';
  return /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

/** Commas or spaces between. */
const words = (text: string) => text.split(/[\s,]+/).filter((word) => word !== '');

function textOf(context: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = context[key] ?? '';
  if (typeof value === 'string') return value === '' ? undefined : value;
  throw new SynthProblem(`context "${key}": expected a string, found ${JSON.stringify(value)}`);
}

function mayChange(context: Readonly<Record<string, unknown>>): readonly string[] {
  const names = words(textOf(context, 'change') ?? '');
  const wrong = names.find((name) => !SETTING_NAMES.some((known) => known === name));
  if (wrong === undefined) return names;
  throw new SynthProblem(
    `context "change": there is no setting ${JSON.stringify(wrong)}${didYouMean(wrong, SETTING_NAMES)}`,
  );
}

/** CDK's own keys have a colon, a slash or a hyphen in them. */
function refuseUnknown(context: Readonly<Record<string, unknown>>): void {
  const known: readonly string[] = [...SETTING_NAMES, ...OF_ONE_RUN];
  for (const key of Object.keys(context).filter((one) => !known.includes(one))) {
    const isNear = known.some((name) => plainName(name) === plainName(key));
    if (!isNear && !/^[a-z]+$/i.test(key)) continue;
    const meant = nearName(key, known);
    throw new SynthProblem(
      `context ${JSON.stringify(key)}: is no setting${meant === undefined ? '' : `; did you mean "${meant}"?`}; there are ${known.join(', ')}`,
    );
  }
}

interface Origins {
  readonly kept: DeploymentSettings;
  readonly given: DeploymentSettings;
  readonly file: string;
}

function note(name: SettingName, { kept, given, file }: Origins): string[] {
  const now = JSON.stringify(given[name]);
  const before = JSON.stringify(kept[name]);
  if (now === before) return [];
  return [
    `"${name}" is ${now} by the context of this run, and ${file} says ${before ?? 'nothing'}: a run without it takes it back. To keep it, write it there.`,
  ];
}
