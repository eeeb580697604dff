import type { Connection } from '../../functions/connections/connection.ts';
import type { ProviderPreset } from '../../functions/connections/provider-preset.ts';
import { REFRESH_TOKEN } from '../../functions/oauth/grant-type.ts';
import type { GlobalOptions } from '../global-options.ts';
import { DEFAULT_NAMESPACE } from '../global-options.ts';

export interface NewConnection {
  readonly name: string;
  readonly connection: Connection;
  readonly preset: ProviderPreset;
  /** Where it was written. */
  readonly file: string;
  /** Whether the folder has a CDK app; otherwise the one that the package brings will do. */
  readonly hasApp: boolean;
}

/** What to do next, each as it can be typed, with the options that this command was given. */
export function nextSteps(
  { name, connection, preset, file, hasApp }: NewConnection,
  { namespace, region, profile }: GlobalOptions,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const own = ownName(env);
  // The variable names it to the command, and not to CDK.
  const given = env['EVERTOKEN_NAMESPACE'] || DEFAULT_NAMESPACE;
  const options = [
    ...(namespace === given ? [] : [`--namespace ${namespace}`]),
    ...(region === undefined ? [] : [`--region ${quoted(region)}`]),
    ...(profile === undefined ? [] : [`--profile ${quoted(profile)}`]),
  ];
  const evertoken = (...words: readonly string[]) => [own, ...words, ...options].join(' ');
  const cdk = [
    ...(region === undefined ? [] : [`AWS_REGION=${quoted(region)}`]),
    'npx cdk deploy --all',
    ...(hasApp ? [] : ["--app 'npx evertoken-app'"]),
    ...(file === 'connections.json' ? [] : [`-c connections=${quoted(file)}`]),
    ...(namespace === DEFAULT_NAMESPACE ? [] : [`-c namespace=${namespace}`]),
    ...(profile === undefined ? [] : [`--profile ${quoted(profile)}`]),
  ];
  const { credentials, identity } = connection;
  const steps = [
    ...(identity === undefined ? [] : ['aws iam enable-outbound-web-identity-federation']),
    ...(hasApp ? [] : ['npm install aws-cdk aws-cdk-lib constructs']),
    cdk.join(' '),
    ...(typeof credentials === 'string' ? [evertoken('credentials', 'set', credentials)] : []),
    ...(needsRefreshToken(connection, preset) || connection.authorizationUrl !== undefined
      ? [
          canSignIn(connection, preset)
            ? evertoken('authorize', name)
            : evertoken('refresh-token', 'set', name),
        ]
      : []),
    evertoken('status', name),
  ];
  return ['Next:', ...steps.map((step) => `  ${step}`)].join('\n');
}

/** Whether no grant brings the first token but one that a person gets first. */
export function needsRefreshToken({ grants }: Pick<Connection, 'grants'>, preset: ProviderPreset): boolean {
  return (grants ?? preset.grants).every((grant) => grant === REFRESH_TOKEN);
}

/** Whether it is known, or can be found out, where a person signs in: what `authorize` needs. */
export function canSignIn(
  { authorizationUrl, issuer, tokenUrl }: Pick<Connection, 'authorizationUrl' | 'issuer' | 'tokenUrl'>,
  preset: ProviderPreset,
): boolean {
  if (authorizationUrl !== undefined || issuer !== undefined) return true;
  // With a token endpoint of the connection's own no URL of the preset is used.
  return tokenUrl === undefined && (preset.authorizationUrl ?? preset.issuer) !== undefined;
}

/** For a shell, where it needs that. */
function quoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** How this command was called, so that what it says to type next can be typed. */
function ownName(env: Readonly<Record<string, string | undefined>>): string {
  if (env['npm_lifecycle_event'] === 'evertoken') return 'npm run -s evertoken --';
  return env['npm_command'] === 'exec' ? 'npx evertoken' : 'evertoken';
}
