import { stateTableName } from '../functions/aws/resource-names.ts';
import { createWritePace } from '../functions/aws/secrets/write-pace.ts';
import { PARAMETER_WRITES_PER_SECOND } from '../functions/connections/parameter-pace.ts';
import { SECRET_WRITES_PER_SECOND } from '../functions/connections/secret-pace.ts';
import type { TokenEndpointClient } from '../functions/oauth/transport/token-endpoint.ts';
import type { Clock, Presets, Random } from '../functions/refresh/ports/outside.ts';
import { TIMING, type Timing } from '../functions/refresh/rules/timing.ts';
import { didYouMean } from '../functions/text/near-name.ts';
import { type AwsSettings, awsSettings } from './aws/aws-settings.ts';
import { type CliClients, createCliClients } from './aws/cli-clients.ts';
import { knownProfiles } from './aws/known-profiles.ts';
import { WrongUsage } from './command-failed.ts';
import type { GlobalOptions } from './global-options.ts';
import type { Io } from './io.ts';
import { once } from './late.ts';
import { type LateStores, lateStores } from './late-stores.ts';
import { lateTokenEndpoint } from './late-token-endpoint.ts';

/** Writes in a second that the functions may be set to. The command itself writes secrets as often as is usual. */
const PARAMETER_WRITES = { usual: PARAMETER_WRITES_PER_SECOND, least: 0.1, most: 40 };
const SECRET_WRITES = { usual: SECRET_WRITES_PER_SECOND, least: 1, most: 50 };

/** A deployment of Evertoken, as a person's AWS credentials reach it. */
export interface Deployment extends LateStores {
  readonly namespace: string;
  readonly region: string;
  /** What named the Region. */
  readonly regionFrom: string;
  /** The AWS profile that was named. */
  readonly profile?: string;
  /** Of AWS_ENDPOINT_URL, in place of AWS's own. */
  readonly endpoint?: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly timing: Timing;
  readonly clients: CliClients;
  readonly presets: Presets;
  readonly tokenEndpoint: TokenEndpointClient;
  /** What it may write to Parameter Store in a second: see `EVERTOKEN_PARAMETER_WRITES_PER_SECOND`. Default 3. */
  readonly parameterWritesPerSecond: number;
  /** What it writes to secrets in a second: see `EVERTOKEN_SECRET_WRITES_PER_SECOND`. Default 20. */
  readonly secretWritesPerSecond: number;
  /** The key of its state and of new secrets; `undefined` where AWS manages it. @throws StoreError */
  encryptionKey(): Promise<string | undefined>;
}

/**
 * Finds the deployment that the options name. Nothing is called yet.
 * @throws WrongUsage when no Region is known, or a variable cannot be used
 */
export async function openDeployment(
  options: GlobalOptions,
  { env, clock, random }: Pick<Io, 'env' | 'clock' | 'random'>,
): Promise<Deployment> {
  const { namespace } = options;
  const settings = awsSettings(options, env);
  await refuseUnknownProfile(settings, env);
  const clients = createCliClients(settings);
  const { profile, endpoint } = settings;
  const pace = createWritePace({ perSecond: SECRET_WRITES_PER_SECOND, clock });
  const encryptionKey = once(() => stateTableKey(clients, stateTableName(namespace)));
  return {
    namespace,
    region: await regionOf(clients, settings),
    regionFrom: settings.regionFrom ?? `the profile "${profile ?? 'default'}"`,
    ...(profile !== undefined && { profile }),
    ...(endpoint !== undefined && { endpoint }),
    clock,
    random,
    clients,
    ...lateStores({ namespace, clients, pace, clock, encryptionKey }),
    presets: async (id) => {
      const { loadPreset } = await import('../functions/providers/load-preset.ts');
      return loadPreset(id);
    },
    tokenEndpoint: await lateTokenEndpoint({ clock, random, env }),
    parameterWritesPerSecond: perSecond('EVERTOKEN_PARAMETER_WRITES_PER_SECOND', env, PARAMETER_WRITES),
    secretWritesPerSecond: perSecond('EVERTOKEN_SECRET_WRITES_PER_SECOND', env, SECRET_WRITES),
    encryptionKey,
    timing: TIMING,
  };
}

/**
 * The key that encrypts a deployment's state, and therefore its secrets: new ones get the same. `undefined`
 * where AWS manages the keys.
 * @throws StoreError, `missing` when there is no such table
 */
async function stateTableKey(clients: CliClients, tableName: string): Promise<string | undefined> {
  const [{ DescribeTableCommand }, { storeCall }, dynamodb] = await Promise.all([
    import('@aws-sdk/client-dynamodb'),
    import('../functions/aws/aws-error.ts'),
    clients.dynamodb(),
  ]);
  const { Table } = await storeCall(`DescribeTable ${tableName}`, () =>
    dynamodb.send(new DescribeTableCommand({ TableName: tableName })),
  );
  return Table?.SSEDescription?.KMSMasterKeyArn;
}

/** @throws WrongUsage for a profile that is in neither of the AWS configuration files */
async function refuseUnknownProfile({ profile, profileFrom }: AwsSettings, env: Io['env']): Promise<void> {
  if (profile === undefined) return;
  const known = await knownProfiles(env);
  if (known === undefined || known.includes(profile)) return;
  const hint = didYouMean(profile, known) || '; "aws configure list-profiles" lists them.';
  throw new WrongUsage(`There is no AWS profile "${profile}" (${profileFrom})${hint}`);
}

/** As AWS names its Regions, today. */
const REGION = /^[a-z]{2}(-[a-z]+)+-\d{1,2}$/;

async function regionOf(clients: CliClients, { region, regionFrom, profile }: AwsSettings): Promise<string> {
  // What looks like one the SDK need not be asked about, and not be loaded for.
  if (region !== undefined && REGION.test(region)) return region;
  const { config } = await clients.dynamodb();
  try {
    return await config.region();
  } catch {
    if (region !== undefined) throw new WrongUsage(`"${region}" (${regionFrom}) is no AWS Region.`);
    const which = profile === undefined ? '' : `, and the profile "${profile}" has none`;
    throw new WrongUsage(
      `No AWS Region is set${which}: give --region, set AWS_REGION or AWS_DEFAULT_REGION, or use a profile that has one.`,
    );
  }
}

/** What a variable of the functions may say for a person whose deployment may write more, or less, than others. */
interface WritesPerSecond {
  readonly usual: number;
  readonly least: number;
  readonly most: number;
}

function perSecond(variable: string, env: Io['env'], { usual, least, most }: WritesPerSecond): number {
  const text = env[variable] ?? '';
  if (text === '') return usual;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new WrongUsage(`${variable}: "${text}": must be a number from ${least} to ${most}`);
}
