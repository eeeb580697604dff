import type { Account } from '../iam/account.ts';
import type { Assembly } from './assembly.ts';
import { type References, referredResources, resolveValue } from './intrinsics.ts';
import { AssemblyError, type StackTemplate, type TemplateResource } from './template.ts';

/** What a resource came to: what `Ref` gives, and its attributes. */
export interface Created {
  readonly ref: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** A resource whose properties are resolved. */
export type ResolvedResource = Omit<TemplateResource, 'dependsOn'>;

/** Creates resources of one type. */
export type Creator = (resource: ResolvedResource) => Created | Promise<Created>;

/**
 * Creates the resources of all stacks, each after those that it refers to or depends on.
 * @throws AssemblyError that names a type, a function or a reference which is not known
 */
export async function createResources(
  { stacks }: Pick<Assembly, 'stacks'>,
  creators: Readonly<Record<string, Creator>>,
  account: Account,
): Promise<void> {
  const exported = new Map<string, unknown>();
  // All at once and first, so that nothing is created where something cannot be.
  for (const { type, stack, id } of stacks.flatMap(({ resources }) => [...resources.values()])) {
    if (!Object.hasOwn(creators, type)) {
      throw new AssemblyError(`${stack}/${id}: local mode does not know resources of type ${type}`);
    }
  }
  for (const template of stacks) await createStack(template, creators, account, exported);
}

async function createStack(
  template: StackTemplate,
  creators: Readonly<Record<string, Creator>>,
  account: Account,
  exported: Map<string, unknown>,
): Promise<void> {
  const created = new Map<string, Created>();
  const references = referencesIn(template.stack, account, created, exported);
  const begun = new Set<string>();

  const create = async (id: string): Promise<void> => {
    if (created.has(id)) return;
    const resource = template.resources.get(id);
    if (resource === undefined) throw new AssemblyError(`${template.stack}: there is no resource ${id}`);
    if (begun.has(id)) throw new AssemblyError(`${template.stack}/${id} depends on itself`);
    begun.add(id);
    const { dependsOn, ...rest } = resource;
    for (const other of [...dependsOn, ...referredResources(rest.properties)]) await create(other);
    const properties = resolveValue(rest.properties, references) as Record<string, unknown>;
    const result = await creators[rest.type]?.({ ...rest, properties });
    if (result) created.set(id, result);
  };
  for (const id of template.resources.keys()) await create(id);
  for (const [name, value] of template.exports) exported.set(name, resolveValue(value, references));
}

function referencesIn(
  stack: string,
  account: Account,
  created: ReadonlyMap<string, Created>,
  exported: ReadonlyMap<string, unknown>,
): References {
  const known = (id: string): Created => {
    const found = created.get(id);
    if (found === undefined) throw new AssemblyError(`${stack}: there is no resource ${id}`);
    return found;
  };
  return {
    account,
    ref: (id) => known(id).ref,
    attribute: (id, name) => {
      const value = known(id).attributes?.[name];
      if (value === undefined)
        throw new AssemblyError(`${stack}/${id}: local mode knows no attribute ${name}`);
      return value;
    },
    importedValue: (name) => {
      if (!exported.has(name)) throw new AssemblyError(`${stack}: no stack before it exports ${name}`);
      return exported.get(name);
    },
  };
}
