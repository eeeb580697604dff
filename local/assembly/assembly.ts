import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AssemblyError, readTemplate, type StackTemplate } from './template.ts';

/** A cloud assembly: what `cdk synth` writes. */
export interface Assembly {
  /** A stack comes after those that it depends on. */
  readonly stacks: readonly StackTemplate[];
  /** The folder of code that a template calls by the name of its object in a bucket. @throws AssemblyError */
  codeFolder(objectKey: string): string;
}

interface Artifact {
  readonly type: string;
  readonly properties?: { readonly templateFile?: string; readonly file?: string };
  readonly dependencies?: readonly string[];
}

interface AssetManifest {
  readonly files?: Readonly<
    Record<
      string,
      {
        readonly source: { readonly path: string; readonly packaging?: string };
        readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>;
      }
    >
  >;
}

const STACK = 'aws:cloudformation:stack';
const ASSETS = 'cdk:asset-manifest';
/** Of the construct tree and for the feature flags' report; they deploy nothing. */
const OTHERS = ['cdk:tree', 'cdk:feature-flag-report'];

/** @throws AssemblyError that names what is not known */
export async function readAssembly(directory: string): Promise<Assembly> {
  const manifest = await readJson<{ artifacts: Record<string, Artifact> }>(join(directory, 'manifest.json'));
  const artifacts = new Map(Object.entries(manifest.artifacts));
  const stacks: StackTemplate[] = [];
  const folders = new Map<string, string>();
  const visited = new Set<string>();

  const visit = async (id: string): Promise<void> => {
    if (visited.has(id)) return;
    visited.add(id);
    const { type, properties, dependencies = [] } = artifacts.get(id) ?? { type: 'missing' };
    for (const dependency of dependencies) await visit(dependency);
    if (type === STACK) {
      stacks.push(readTemplate(id, await readJson(join(directory, properties?.templateFile ?? ''))));
    } else if (type === ASSETS) {
      const { files = {} } = await readJson<AssetManifest>(join(directory, properties?.file ?? ''));
      for (const { source, destinations } of Object.values(files)) {
        if (source.packaging !== 'zip') continue;
        for (const { objectKey } of Object.values(destinations)) {
          folders.set(objectKey, join(directory, source.path));
        }
      }
    } else if (!OTHERS.includes(type)) {
      throw new AssemblyError(`${id}: local mode does not know artifacts of type ${type}`);
    }
  };
  for (const id of artifacts.keys()) await visit(id);

  return {
    stacks,
    codeFolder: (objectKey) => {
      const folder = folders.get(objectKey);
      if (folder === undefined) throw new AssemblyError(`no asset is published as ${objectKey}`);
      return folder;
    },
  };
}

async function readJson<Content = Record<string, unknown>>(file: string): Promise<Content> {
  return JSON.parse(await readFile(file, 'utf8')) as Content;
}
