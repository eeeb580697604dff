import type { Account } from '../iam/account.ts';
import { AssemblyError } from './template.ts';

/** What the intrinsic functions of one template refer to. */
export interface References {
  readonly account: Account;
  /** What `Ref` of a resource gives. */
  ref(id: string): string;
  attribute(id: string, name: string): string;
  /** @throws AssemblyError when nothing exports it */
  importedValue(name: string): unknown;
}

/**
 * A value of a template with all references resolved.
 * @throws AssemblyError that names a function which is not known
 */
export function resolveValue(value: unknown, references: References): unknown {
  if (Array.isArray(value)) return value.map((item) => resolveValue(item, references));
  const call = intrinsicCall(value);
  if (call) return evaluate(call, references);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolveValue(one, references)]));
}

/** The logical ids of the resources that a value refers to. */
export function referredResources(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referredResources);
  const call = intrinsicCall(value);
  if (call?.name === 'Ref') return isPseudo(call.argument) ? [] : [String(call.argument)];
  if (call?.name === 'Fn::GetAtt') return [String((call.argument as unknown[])[0])];
  return isObject(value) ? Object.values(value).flatMap(referredResources) : [];
}

interface IntrinsicCall {
  readonly name: string;
  readonly argument: unknown;
}

function evaluate({ name, argument }: IntrinsicCall, references: References): unknown {
  switch (name) {
    case 'Ref':
      return isPseudo(argument) ? pseudo(argument, references.account) : references.ref(String(argument));
    case 'Fn::GetAtt': {
      const [id, attribute] = argument as [string, string];
      return references.attribute(id, attribute);
    }
    case 'Fn::Join': {
      const [separator, parts] = argument as [string, unknown[]];
      return parts.map((part) => text(resolveValue(part, references), name)).join(separator);
    }
    case 'Fn::Sub':
      return text(argument, name).replace(/\$\{([^}]*)\}/g, (_, variable) => {
        if (!isPseudo(variable))
          throw new AssemblyError(`Fn::Sub: local mode does not know "\${${variable}}"`);
        return pseudo(variable, references.account);
      });
    case 'Fn::ImportValue':
      return references.importedValue(text(resolveValue(argument, references), name));
    default:
      throw new AssemblyError(`local mode does not know the intrinsic function ${name}`);
  }
}

/** @throws AssemblyError for a pseudo parameter that is not known */
function pseudo(name: string, account: Account): string {
  const value = new Map([
    ['AWS::AccountId', account.accountId],
    ['AWS::Partition', account.partition],
    ['AWS::Region', account.region],
    ['AWS::URLSuffix', account.urlSuffix],
  ]).get(name);
  if (value === undefined) throw new AssemblyError(`local mode does not know the pseudo parameter ${name}`);
  return value;
}

/** An object with one member that is named as a function is: `Ref`, `Condition` or `Fn::…`. */
function intrinsicCall(value: unknown): IntrinsicCall | undefined {
  if (!isObject(value)) return undefined;
  const [[name, argument] = ['', undefined], ...others] = Object.entries(value);
  return others.length === 0 && /^(Ref$|Fn::)/.test(name) ? { name, argument } : undefined;
}

function isPseudo(name: unknown): name is string {
  return typeof name === 'string' && name.startsWith('AWS::');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown, where: string): string {
  if (typeof value !== 'string')
    throw new AssemblyError(`${where}: expected text, found ${JSON.stringify(value)}`);
  return value;
}
