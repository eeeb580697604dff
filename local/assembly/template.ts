/** What was synthesised holds something that local mode does not know. The message names it and where it is. */
export class AssemblyError extends Error {
  override readonly name = 'AssemblyError';
}

/** One resource of a template, its properties not resolved. */
export interface TemplateResource {
  readonly stack: string;
  readonly id: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** Logical ids in the same template. */
  readonly dependsOn: readonly string[];
}

/** A template of which every part is known. */
export interface StackTemplate {
  readonly stack: string;
  readonly resources: ReadonlyMap<string, TemplateResource>;
  /** Values, not resolved, by the names under which they are exported. */
  readonly exports: ReadonlyMap<string, unknown>;
}

/** The check that an account is bootstrapped, which is part of every template and no part of what it deploys. */
const BOOTSTRAP = { Parameters: ['BootstrapVersion'], Rules: ['CheckBootstrapVersion'] } as const;

const SECTIONS = ['Description', 'Metadata', 'Outputs', 'Parameters', 'Resources', 'Rules'];
const MEMBERS = ['Type', 'Properties', 'DependsOn', 'DeletionPolicy', 'UpdateReplacePolicy', 'Metadata'];

type Json = Readonly<Record<string, unknown>>;

/** @throws AssemblyError that names a section or a member that is not known */
export function readTemplate(stack: string, template: Json): StackTemplate {
  refuseOthers(template, SECTIONS, `the template of ${stack}`);
  for (const [section, known] of Object.entries(BOOTSTRAP)) {
    refuseOthers((template[section] ?? {}) as Json, known, `${section} of ${stack}`);
  }
  const resources = Object.entries((template['Resources'] ?? {}) as Record<string, Json>).map(
    ([id, resource]) => {
      refuseOthers(resource, MEMBERS, `${stack}/${id}`);
      const { Type, Properties = {}, DependsOn = [] } = resource;
      const dependsOn = typeof DependsOn === 'string' ? [DependsOn] : (DependsOn as string[]);
      return [id, { stack, id, type: String(Type), properties: Properties as Json, dependsOn }] as const;
    },
  );
  const outputs = Object.values((template['Outputs'] ?? {}) as Record<string, Json>);
  const exports = outputs.flatMap(({ Export, Value }) =>
    Export === undefined ? [] : [[String((Export as Json)['Name']), Value] as const],
  );
  return { stack, resources: new Map(resources), exports: new Map(exports) };
}

function refuseOthers(object: Json, known: readonly string[], where: string): void {
  const other = Object.keys(object).find((name) => !known.includes(name));
  if (other !== undefined) throw new AssemblyError(`${where}: local mode does not know "${other}"`);
}
