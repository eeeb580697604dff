import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type AppProps, Stack, type StackProps } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { afterAll } from 'vitest';
import { addEvertokenStacks } from '../../infra/evertoken-app.ts';
import { readRepositoryFile } from './source-files.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<
    Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: string } }>
  >;
}

/** The flags under which the app of the repository is synthesised. */
const { context: FLAGS }: { context: Record<string, unknown> } = JSON.parse(readRepositoryFile('cdk.json'));

let folder: string | undefined;

/** A worker may be ended before its process could clean up after itself. */
export function removeSyntheses(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  folder = undefined;
}

afterAll(removeSyntheses);

/** A folder that goes when the tests of the file end. */
function temporaryFolder(): string {
  if (folder === undefined) {
    const created = mkdtempSync(join(tmpdir(), 'evertoken-synth-'));
    folder = created;
  }
  return mkdtempSync(join(folder, 'app-'));
}

export function createApp(context: Record<string, unknown> = {}, props: AppProps = {}): App {
  return new App({
    ...props,
    analyticsReporting: false,
    treeMetadata: false,
    outdir: temporaryFolder(),
    // Only templates are looked at: nothing is bundled or copied, and no construct says where and how it was made.
    context: {
      ...FLAGS,
      'aws:cdk:bundling-stacks': [],
      'aws:cdk:disable-asset-staging': true,
      'aws:cdk:disable-creation-stack-traces': true,
      '@aws-cdk/core:suppressTemplateIndentation': true,
      'aws:cdk:disable-logicalId-metadata': true,
      '@aws-cdk/core:enableAdditionalMetadataCollection': false,
      ...context,
    },
  });
}

/** Templates by the names of their stacks. */
export function templatesOf(app: App): ReadonlyMap<string, Template> {
  return new Map(app.synth().stacks.map(({ stackName, template }) => [stackName, template as Template]));
}

export function templateOf(scope: IConstruct): Template {
  const stack = Stack.of(scope);
  const template = templatesOf(stack.node.root as App).get(stack.stackName);
  if (template === undefined) throw new Error(`no template of ${stack.stackName}`);
  return template;
}

export interface DeploymentOptions {
  /** The `connections` of the file. Default: none. */
  readonly connections?: Readonly<Record<string, unknown>>;
  readonly context?: Record<string, unknown>;
  /** What `deployment.json` says beside whom alarms reach, which is nobody. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly stackProps?: StackProps;
  /** Called before synthesis. */
  readonly prepare?: (app: App) => void;
}

/** The templates of the repository's app for a file of connections. */
export function synthesise(options: DeploymentOptions = {}) {
  const { connections = {}, context = {}, settings = {}, stackProps, prepare } = options;
  const said = { alarmEmail: null, connections: writeConnections({ connections }), ...settings };
  const app = createApp({ settings: writeSettings(said), ...context });
  const stacks = addEvertokenStacks(app, stackProps);
  prepare?.(app);
  const templates = templatesOf(app);
  const template = (stack: Stack) => templates.get(stack.stackName) as Template;
  return { app, storage: template(stacks.storage), refresh: template(stacks.refresh), templates };
}

/** Writes a file of connections. @returns its path */
export function writeConnections(content: unknown): string {
  const file = join(temporaryFolder(), 'connections.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

/** Writes a file of settings. @returns its path */
export function writeSettings(content: unknown): string {
  const file = join(temporaryFolder(), 'deployment.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

/** Resources of one type, by logical id. */
export function resourcesOf(template: Template, type: string): Readonly<Record<string, Resource>> {
  return Object.fromEntries(Object.entries(template.Resources).filter(([, { Type }]) => Type === type));
}

/** The one resource of a type whose logical id begins so. */
export function resourceOf(template: Template, type: string, idPrefix = ''): Resource {
  const found = Object.entries(resourcesOf(template, type)).filter(([id]) => id.startsWith(idPrefix));
  const [only, ...others] = found;
  if (only === undefined || others.length > 0) {
    throw new Error(`expected one ${type} called ${idPrefix}…, found ${found.map(([id]) => id).join(', ')}`);
  }
  return only[1];
}
