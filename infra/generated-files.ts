import * as z from 'zod';
import { connectionsJsonSchema } from '../functions/connections/connection.ts';
import { connectionFieldsSchema } from '../functions/connections/connection-fields.ts';
import { nameProblem } from '../functions/connections/connection-name.ts';
import { connectionRulesSchema } from '../functions/connections/connection-rules.ts';
import { grantProblem } from '../functions/connections/declared-grants.ts';
import { deploymentJsonSchema } from '../functions/connections/deployment-settings.ts';
import { endpointUrlProblem, issuerProblem } from '../functions/connections/endpoint-url.ts';
import type { Placeholder } from '../functions/connections/placeholders.ts';
import { presetProblem } from '../functions/connections/preset-problems.ts';
import { type ProviderPreset, providerPresetSchema } from '../functions/connections/provider-preset.ts';
import { lifetimeProblem } from '../functions/oauth/assertion-lifetime.ts';
import { loadPresetSync, presetIdsSync } from '../functions/providers/presets.ts';
import { apiReference } from './api-reference.ts';
import { providerDocs } from './provider-docs.ts';
import { shapesModule } from './schema-shape.ts';
import { type JsonSchema, typeOfSchema } from './schema-type.ts';

/** Files that are made from others, with their text, by their paths from the root of the repository. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const presets = presetIdsSync().flatMap((id) => loadPresetSync(id) ?? []);
  return new Map([
    ['connections.schema.json', `${JSON.stringify(schemaWithProviders(presets), null, 2)}\n`],
    ['deployment.schema.json', `${JSON.stringify(deploymentJsonSchema(), null, 2)}\n`],
    ['infra/presets.ts', presetsModule(presets)],
    ['infra/constructs/provider-rules.ts', rulesModule()],
    ['functions/connections/shapes/declared-shapes.ts', declaredShapes()],
    ['docs/providers.md', providerDocs(presets)],
    ['docs/api.md', apiReference()],
  ]);
}

/** A type that names nothing of the schema's library: whoever uses the constructs need not have that. */
function rulesModule(): string {
  const schema = z.toJSONSchema(connectionRulesSchema, { io: 'input', unrepresentable: 'any' });
  return `// Made from the schema of presets by "npm run generate".

/** What a provider does differently from RFC 6749, in the words of a preset: docs/quirks.md. */
export interface ProviderRules ${typeOfSchema(schema as JsonSchema)}
`;
}

/** What a refresh reads without the schemas: a definition as it is registered, and a preset. */
function declaredShapes(): string {
  const judge = (problem: (value: never) => unknown, from: string) =>
    [problem, { name: problem.name, from }] as const;
  return shapesModule({
    schemas: {
      connectionFieldsShape: {
        schema: connectionFieldsSchema,
        type: { name: 'ConnectionFields', from: '../connection-fields.ts' },
      },
      providerPresetShape: {
        schema: providerPresetSchema,
        type: { name: 'ProviderPreset', from: '../provider-preset.ts' },
      },
    },
    judges: new Map([
      judge(lifetimeProblem, '../../oauth/assertion-lifetime.ts'),
      judge(nameProblem, '../connection-name.ts'),
      judge(grantProblem, '../declared-grants.ts'),
      judge(endpointUrlProblem, '../endpoint-url.ts'),
      judge(issuerProblem, '../endpoint-url.ts'),
      judge(presetProblem, '../preset-problems.ts'),
    ]),
  });
}

interface SchemaNode {
  properties: Record<string, SchemaNode>;
  additionalProperties: SchemaNode;
  type?: string;
  minLength?: number;
  anyOf?: readonly object[];
}

/** With the ids of all presets, so that an editor offers them; a file may define others. */
function schemaWithProviders(presets: readonly ProviderPreset[]): object {
  const schema = structuredClone(connectionsJsonSchema()) as unknown as SchemaNode;
  const provider = schema.properties['connections']?.additionalProperties.properties['provider'];
  if (provider === undefined) throw new Error('the schema of connections has no "provider"');
  const { type = 'string', minLength = 1 } = provider;
  provider.anyOf = [{ enum: presets.map(({ id }) => id) }, { type, minLength }];
  return schema;
}

/** The text of `infra/presets.ts`: each preset under its name, for CDK apps. */
export function presetsModule(presets: readonly ProviderPreset[]): string {
  return `// Made from functions/providers/*.json by "npm run generate".
import type { Provider } from './constructs/connection-options.ts';

/** The providers whose behaviour is known. Where their URLs differ by customer, an entry is a function. */
export const presets = {
${presets.map(entry).join('\n')}
};
`;
}

function entry(preset: ProviderPreset): string {
  const { id, name, docsUrl } = preset;
  const key = id.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const property = /^[a-z]/.test(key) ? key : `_${key}`;
  const placeholders = Object.entries(preset.placeholders);
  if (placeholders.length === 0) {
    return `  /** ${name}: ${docsUrl} */
  ${property}: {
    provider: '${id}',
  } satisfies Provider,`;
  }
  const fields = placeholders.map(
    ([field, placeholder]) => `    /** ${describe(placeholder)} */
    readonly ${field}${placeholder.default === undefined ? '' : '?'}: ${typeOf(placeholder)};`,
  );
  const isOptional = placeholders.every(([, placeholder]) => placeholder.default !== undefined);
  return `  /** ${name}: ${docsUrl} */
  ${property}: (placeholders: {
${fields.join('\n')}
  }${isOptional ? ' = {}' : ''}): Provider => ({
    provider: '${id}',
    placeholders,
  }),`;
}

function describe({ description, example, values, default: fallback }: Placeholder): string {
  const such = values === undefined ? `, e.g. "${example}"` : '';
  const otherwise = fallback === undefined ? '' : `; "${fallback}" where it is absent`;
  return `${description.replace(/\.?$/, '')}${such}${otherwise}.`.replaceAll('*/', '* /');
}

function typeOf({ values }: Placeholder): string {
  if (values === undefined) return 'string';
  return Object.keys(values)
    .map((value) => `'${value.replace(/['\\]/g, '\\$&')}'`)
    .join(' | ');
}
