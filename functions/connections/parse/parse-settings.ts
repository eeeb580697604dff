import {
  type DeploymentSettings,
  deploymentSettingsSchema,
  settingsProblems,
} from '../deployment-settings.ts';
import { type ParsedFile, parseJsonFile } from './parse-json-file.ts';

/** Reads a file of settings. Never throws: every problem is told, with its place. `file` names it. */
export function parseSettings(text: string, file: string): ParsedFile<DeploymentSettings> {
  return parseJsonFile(text, { file, schema: deploymentSettingsSchema, problemsOf: settingsProblems });
}
