import { readFile } from 'node:fs/promises';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { storeCall } from '../../functions/aws/aws-error.ts';
import { parameterName } from '../../functions/aws/resource-names.ts';
import {
  type DeploymentSettings,
  deploymentSettingsSchema,
  SETTING_NAMES,
  USUAL_SETTINGS,
} from '../../functions/connections/deployment-settings.ts';
import { fileProblemText } from '../../functions/connections/parse/parse-json-file.ts';
import { parseSettings } from '../../functions/connections/parse/parse-settings.ts';
import { StoreError } from '../../functions/refresh/ports/stores.ts';
import type { Deployment } from '../deployment.ts';
import { type Finding, fine, storeTrouble, trouble } from './finding.ts';

const SUBJECT = 'settings';

/** What a deployment noted of itself, and what is wrong with that. */
export interface DeployedSettings {
  /** Absent where it cannot be read, and of a version that noted none. */
  readonly settings?: DeploymentSettings;
  readonly findings: readonly Finding[];
}

/** What is deployed, as the deployment itself says. */
export async function deployedSettings(deployment: Deployment): Promise<DeployedSettings> {
  const Name = parameterName.deployment(deployment.namespace);
  const ssm = await deployment.clients.ssm();
  try {
    const { Parameter } = await storeCall(`GetParameter ${Name}`, () =>
      ssm.send(new GetParameterCommand({ Name })),
    );
    const parsed = deploymentSettingsSchema.safeParse(settingsIn(Parameter?.Value ?? ''));
    return { findings: [], ...(parsed.success && { settings: parsed.data }) };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (error.kind === 'missing') return { findings: [] };
    const remedy = "Attach the operator's policy of the deployment to your role.";
    return { findings: [storeTrouble(SUBJECT, error, deployment, remedy)] };
  }
}

function settingsIn(text: string): unknown {
  try {
    return JSON.parse(text).settings;
  } catch {
    return undefined;
  }
}

/**
 * Whether the next deployment by a file of settings would change what is deployed: what the file does not say is taken
 * back. Nothing where there is no such file here, or it is of another namespace.
 */
export async function checkSettings(
  file: string,
  { settings: deployed }: DeployedSettings,
  namespace: string,
): Promise<Finding[]> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined || deployed === undefined) return [];
  const parsed = parseSettings(text, file);
  if (!parsed.ok)
    return parsed.problems.map((problem) =>
      trouble('error', SUBJECT, fileProblemText(problem), 'Correct it before the next deployment.'),
    );
  const said = parsed.value;
  const next: DeploymentSettings = { ...USUAL_SETTINGS, ...said };
  if (next.namespace !== namespace) return [];
  const findings = SETTING_NAMES.flatMap((name) => {
    const now = JSON.stringify(deployed[name]);
    const then = JSON.stringify(next[name]);
    if (now === undefined || now === then) return [];
    return trouble(
      'warning',
      SUBJECT,
      `${name} is ${now} as it is deployed, and ${file} says ${said[name] === undefined ? 'nothing of it' : then}: the next deployment by that file changes it.`,
      `Write ${JSON.stringify(name)}: ${now} there, unless the change is meant.`,
    );
  });
  return findings.length > 0 ? findings : [fine(SUBJECT, `are as ${file} says`)];
}
