import type { GlobalOptions } from '../global-options.ts';

/** What the AWS CLI would use. What is absent the SDK finds by itself, as the AWS CLI does. */
export interface AwsSettings {
  readonly region?: string;
  /** What named the Region: an option, a variable. */
  readonly regionFrom?: string;
  /** Of the AWS configuration files. */
  readonly profile?: string;
  /** What named the profile. */
  readonly profileFrom?: string;
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /** In place of AWS's own. */
  readonly endpoint?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Options count before variables, `AWS_REGION` before `AWS_DEFAULT_REGION`, and both before the Region of a profile; keys
 * in variables before `AWS_PROFILE`, and after `--profile`. The SDK by itself knows no `AWS_DEFAULT_…`, and
 * takes the profile of a variable before the keys.
 */
export function awsSettings(
  options: Pick<GlobalOptions, 'region' | 'profile'>,
  env: Environment,
): AwsSettings {
  const [region, regionFrom] = firstOf(options.region, '--region', env, ['AWS_REGION', 'AWS_DEFAULT_REGION']);
  const [profile, profileFrom] = firstOf(options.profile, '--profile', env, [
    'AWS_PROFILE',
    'AWS_DEFAULT_PROFILE',
  ]);
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  const hasKeys = options.profile === undefined && accessKeyId && secretAccessKey;
  const sessionToken = env['AWS_SESSION_TOKEN'];
  const endpoint = env['AWS_ENDPOINT_URL'];
  return {
    ...(region && { region, regionFrom }),
    ...(profile && { profile, profileFrom }),
    ...(hasKeys && { credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) } }),
    ...(endpoint && { endpoint }),
  };
}

/** A variable that is empty is not set. */
function firstOf(
  given: string | undefined,
  option: string,
  env: Environment,
  variables: readonly string[],
): [value: string | undefined, from: string] {
  if (given !== undefined) return [given, option];
  const variable = variables.find((name) => env[name]);
  return variable === undefined ? [undefined, ''] : [env[variable], variable];
}
