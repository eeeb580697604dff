import { type Command, InvalidArgumentError, Option } from 'commander';
import { namespaceProblem } from '../functions/connections/connection-name.ts';

/** What every command takes. */
export interface GlobalOptions {
  readonly namespace: string;
  /** Default: the SDK's own search. */
  readonly region?: string;
  readonly profile?: string;
  readonly json?: boolean;
}

export const DEFAULT_NAMESPACE = 'evertoken';

export function addGlobalOptions(
  program: Command,
  env: Readonly<Record<string, string | undefined>>,
): Command {
  return program
    .addOption(
      new Option('--namespace <name>', 'which deployment; or EVERTOKEN_NAMESPACE')
        .default(env['EVERTOKEN_NAMESPACE'] || DEFAULT_NAMESPACE)
        .argParser(readNamespace),
    )
    .option('--region <region>', "AWS Region (default: AWS_REGION, AWS_DEFAULT_REGION, the profile's)")
    .option('--profile <profile>', 'AWS profile (default: AWS_PROFILE)')
    .option('--json', 'print results as JSON');
}

function readNamespace(value: string): string {
  const problem = namespaceProblem(value);
  if (problem !== undefined) throw new InvalidArgumentError(`It ${problem}.`);
  return value;
}
