import { AwsError } from '../wire/error-answer.ts';
import type { ParameterRecord } from './parameter-record.ts';

const NAME_CHARACTERS = 1011;
const HIERARCHY_LEVELS = 15;
const VALUE_BYTES = { Standard: 4096, Advanced: 8192 } as const;

export type Tier = ParameterRecord['tier'];

/** @throws AwsError when a parameter of this name cannot be created */
export function checkParameterName(name: string): void {
  if (/^\/?aws(\/|$)/i.test(name) && name.startsWith('/')) {
    throw new AwsError('AccessDeniedException', `No access to reserved parameter name: ${name}.`);
  }
  if (/^\/?(aws|ssm)/i.test(name)) {
    throw validation('Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).');
  }
  if (name.includes('/') && !name.startsWith('/')) {
    throw validation('Parameter name must be a fully qualified name.');
  }
  if (!/^(\/?[A-Za-z0-9_.-]+)+$/.test(name)) {
    throw validation(
      'Parameter name: can be formed as a path of sub-paths divided by slash symbol; each sub-path can be ' +
        'formed as a mix of letters, numbers and the following 3 symbols .-_',
    );
  }
  if (name.length > NAME_CHARACTERS) {
    throw validation(`Parameter name: can have at most ${NAME_CHARACTERS} characters.`);
  }
  if (name.split('/').length - 1 > HIERARCHY_LEVELS) {
    throw new AwsError(
      'HierarchyLevelLimitExceededException',
      `A hierarchy can have a maximum of ${HIERARCHY_LEVELS} levels.`,
    );
  }
}

/**
 * The tier that a value ends up in. An advanced parameter stays advanced.
 * @throws AwsError when the value does not fit, or the tier would go down
 */
export function chooseTier(
  value: string,
  requested: Tier | 'Intelligent-Tiering' | undefined,
  current: Tier | undefined,
): Tier {
  if (requested === 'Standard' && current === 'Advanced') {
    throw validation(
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the " +
        'advanced-parameter tier to the standard-parameter tier.',
    );
  }
  const bytes = Buffer.byteLength(value);
  const picked = bytes > VALUE_BYTES.Standard ? 'Advanced' : (current ?? 'Standard');
  const tier = requested === 'Intelligent-Tiering' ? picked : (requested ?? current ?? 'Standard');
  if (bytes > VALUE_BYTES[tier]) {
    throw validation(
      `${tier} tier parameters support a maximum parameter value of ${VALUE_BYTES[tier]} characters.`,
    );
  }
  return tier;
}

/** Parameter Store would resolve `{{name}}` inside a value, so it refuses it. */
export function checkParameterValue(value: string): void {
  if (/\{\{.*?\}\}/.test(value)) {
    throw validation('Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.');
  }
}

/** @throws AwsError when `path` is not one to list under */
export function checkPath(path: string): void {
  if (!/^\/([A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*\/?)?$/.test(path)) {
    throw validation(
      "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a " +
        'forward slash "/". It can have only letters, numbers and the symbols .-_ between slashes.',
    );
  }
}

/** Whether a parameter lies under a path: directly, or at any depth. */
export function liesUnder(name: string, path: string, recursive: boolean): boolean {
  const prefix = path.endsWith('/') ? path : `${path}/`;
  // A name without a slash is at the root.
  const absolute = name.startsWith('/') ? name : `/${name}`;
  return absolute.startsWith(prefix) && (recursive || !absolute.slice(prefix.length).includes('/'));
}

export function validation(message: string): AwsError {
  return new AwsError('ValidationException', message);
}
