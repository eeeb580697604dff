import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DeploymentSettings, USUAL_SETTINGS } from '../../functions/connections/deployment-settings.ts';

/** Beside the templates: the namespaces that each file of settings was synthesised for. */
const RECORD = 'evertoken-settings.json';

interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a template of any version holds.
  readonly Properties?: any;
}

/** The namespaces whose two stacks lie in an assembly's folder, of whatever run. */
export function namespacesIn(outdir: string): readonly string[] {
  const files = listed(outdir);
  return files
    .flatMap((name) => /^(.+)-storage\.template\.json$/.exec(name)?.[1] ?? [])
    .filter((namespace) => files.includes(`${namespace}-refresh.template.json`));
}

/** By file of settings. Empty where nothing was noted. */
export function notedNamespaces(outdir: string): Readonly<Record<string, readonly string[]>> {
  return readJson<Record<string, readonly string[]>>(join(outdir, RECORD)) ?? {};
}

/** Notes, for the next synthesis, which namespaces a file of settings was used for. */
export function noteNamespace(outdir: string, file: string, namespace: string): void {
  const noted = notedNamespaces(outdir);
  const of = [...new Set([...(noted[file] ?? []), namespace])];
  writeFileSync(join(outdir, RECORD), `${JSON.stringify({ ...noted, [file]: of }, null, 2)}\n`);
}

/**
 * The settings that the last templates of a namespace were made with, as far as they are not the default, read from the
 * templates themselves: those of an earlier version count, too. `undefined` where there are none.
 */
export function lastSettings(outdir: string, namespace: string): DeploymentSettings | undefined {
  const storage = resourcesOf(outdir, `${namespace}-storage`);
  const refresh = resourcesOf(outdir, `${namespace}-refresh`);
  const table = storage?.find(({ Type }) => Type === 'AWS::DynamoDB::Table');
  if (storage === undefined || refresh === undefined || table === undefined) return undefined;
  return withoutUsual({
    ...encryptionOf(storage, table),
    ...alarmsOf(refresh),
    ...functionsOf(refresh, namespace),
    ...boundaryOf(refresh),
  });
}

/** Whose keys encrypt is told always: it stays as it is for good. */
function withoutUsual({ encryption, ...others }: DeploymentSettings): DeploymentSettings {
  const usual: DeploymentSettings = USUAL_SETTINGS;
  const told = (Object.keys(others) as (keyof typeof others)[]).filter(
    (name) => others[name] !== usual[name],
  );
  const rest = Object.fromEntries(told.map((name) => [name, others[name]])) as DeploymentSettings;
  return { ...(encryption !== undefined && { encryption }), ...rest };
}

function encryptionOf(storage: readonly Resource[], table: Resource): DeploymentSettings {
  const hasKey = storage.some(({ Type }) => Type === 'AWS::KMS::Key');
  const keyArn: unknown = table.Properties?.SSESpecification?.KMSMasterKeyId;
  return {
    encryption: hasKey ? 'customer-managed' : 'aws-managed',
    ...(typeof keyArn === 'string' && { keyArn }),
  };
}

function alarmsOf(refresh: readonly Resource[]): DeploymentSettings {
  const mails = refresh.find(
    ({ Type, Properties }) => Type === 'AWS::SNS::Subscription' && Properties?.Protocol === 'email',
  );
  if (mails) return { alarmEmail: String(mails.Properties.Endpoint) };
  const alarm = refresh.find(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
  const [action]: readonly unknown[] = alarm?.Properties?.AlarmActions ?? [];
  return typeof action === 'string' ? { alarmTopicArn: action } : {};
}

function functionsOf(refresh: readonly Resource[], namespace: string): DeploymentSettings {
  const functions = refresh.filter(({ Type }) => Type === 'AWS::Lambda::Function');
  const named = (name: string) =>
    functions.find(({ Properties }) => Properties?.FunctionName === `${namespace}-${name}`)?.Properties;
  const refreshNow = named('refresh-now');
  const { Variables: variables = {} } = refreshNow?.Environment ?? {};
  const origins = String(variables['EVERTOKEN_ALLOWED_TOKEN_ORIGINS'] ?? '')
    .split(',')
    .filter(Boolean);
  const secretWrites = variables['EVERTOKEN_SECRET_WRITES_PER_SECOND'];
  const parameterWrites = variables['EVERTOKEN_PARAMETER_WRITES_PER_SECOND'];
  const { SubnetIds: subnetIds, SecurityGroupIds: securityGroupIds } = refreshNow?.VpcConfig ?? {};
  const logs = refresh.find(({ Type }) => Type === 'AWS::Logs::LogGroup')?.Properties;
  return {
    ...(origins.length > 0 && { allowedTokenOrigins: origins }),
    ...(secretWrites !== undefined && { secretWritesPerSecond: Number(secretWrites) }),
    ...(parameterWrites !== undefined && { parameterWritesPerSecond: Number(parameterWrites) }),
    ...(variables['EVERTOKEN_TOKEN_REFRESHED_EVENTS'] === 'false' && { tokenRefreshedEvents: false }),
    ...(logs && { logRetentionDays: logs.RetentionInDays }),
    ...(subnetIds && { network: { vpcId: '…', subnetIds, securityGroupIds } }),
    ...widgetOf(functions, namespace),
  };
}

function widgetOf(functions: readonly Resource[], namespace: string): DeploymentSettings {
  const names = functions.map(({ Properties }) => Properties?.FunctionName);
  const knowsWidgets = functions.some(
    ({ Properties }) => Properties?.Environment?.Variables?.EVERTOKEN_PARAMETER_WRITES_PER_SECOND,
  );
  // Before there were any, their absence said nothing.
  if (!knowsWidgets || names.includes(`${namespace}-status-action`)) return {};
  return { statusWidget: names.includes(`${namespace}-status-widget`) ? 'read-only' : 'none' };
}

function boundaryOf(refresh: readonly Resource[]): DeploymentSettings {
  const boundary: unknown = refresh.find(({ Type }) => Type === 'AWS::IAM::Role')?.Properties
    ?.PermissionsBoundary;
  return typeof boundary === 'string' ? { permissionsBoundaryArn: boundary } : {};
}

function resourcesOf(outdir: string, stack: string): readonly Resource[] | undefined {
  const template = readJson<{ Resources?: Record<string, Resource> }>(join(outdir, `${stack}.template.json`));
  return template && Object.values(template.Resources ?? {});
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** What is not there, or was left half written, says nothing. */
function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}
