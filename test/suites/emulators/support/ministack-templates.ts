import { readdir, readFile, writeFile } from 'node:fs/promises';
import type { Resource, Template } from '../../../support/synthesised.ts';

/**
 * Makes the templates of an assembly such as Ministack can deploy: without resources of some types, without arithmetic
 * in alarms, and with secrets named as AWS names them.
 * @returns the types of what was taken out
 */
export async function adaptTemplates(assembly: string, lacking: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  const files = (await readdir(assembly)).filter((file) => file.endsWith('.template.json'));
  for (const file of files) {
    const template = JSON.parse(await readFile(`${assembly}/${file}`, 'utf8')) as Template;
    const resources = Object.entries(template.Resources);
    const left = resources
      .filter(([, { Type }]) => !lacking.includes(Type))
      .map(([id, resource]) => [id, withoutMath(resource)] as const);
    found.push(...resources.map(([, { Type }]) => Type).filter((type) => lacking.includes(type)));
    const adapted = { ...template, Resources: Object.fromEntries(left) };
    const secrets = resources.filter(([, { Type }]) => Type === 'AWS::SecretsManager::Secret');
    const ids = new Set(secrets.map(([id]) => id));
    await writeFile(
      `${assembly}/${file}`,
      JSON.stringify(adapted, (_, value) => byArn(value, ids)),
    );
  }
  return found;
}

interface MetricQuery {
  readonly MetricStat?: {
    readonly Metric: Readonly<Record<string, unknown>>;
    readonly Period: number;
    readonly Stat: string;
  };
}

/** Ministack knows no alarm that reckons: it gets one on the metric that this one reckons with. */
function withoutMath(resource: Resource): Resource {
  const { Metrics, ...properties } = resource.Properties ?? {};
  if (resource.Type !== 'AWS::CloudWatch::Alarm' || Metrics === undefined) return resource;
  const stat = (Metrics as readonly MetricQuery[]).find(({ MetricStat }) => MetricStat)?.MetricStat;
  const metric = { ...stat?.Metric, Period: stat?.Period, Statistic: stat?.Stat };
  return { ...resource, Properties: { ...properties, ...metric } };
}

/** A reference to a secret is its ARN on AWS, and its name on Ministack, where the attribute `Id` is the ARN as well. */
function byArn(value: unknown, secrets: ReadonlySet<string>): unknown {
  if (typeof value !== 'object' || value === null || !('Ref' in value)) return value;
  const { Ref } = value;
  return typeof Ref === 'string' && secrets.has(Ref) ? { 'Fn::GetAtt': [Ref, 'Id'] } : value;
}
