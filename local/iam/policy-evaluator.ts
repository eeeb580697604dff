/** A statement of a policy, with all references resolved. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** What somebody asks of AWS. */
export interface Call {
  readonly action: string;
  readonly resource: string;
  /** Condition keys of the request. */
  readonly context?: Context;
}

/** Condition keys with what a request has of each: one value, or several of a key that has many. */
export type Context = Readonly<Record<string, string | readonly string[]>>;

/** Who asks, with the policies of their identity. */
export interface Caller {
  readonly arn: string;
  readonly accountId: string;
  readonly statements: readonly Statement[];
}

const MEMBERS = ['Sid', 'Effect', 'Principal', 'Action', 'Resource', 'Condition'];

/**
 * What statements say of a call, as IAM reads them: a denial wins, and what nobody allows is not allowed.
 * @throws Error for anything in a statement that this does not know, rather than guess
 */
export function decide(statements: readonly Statement[], call: Call): 'allowed' | 'denied' | 'not allowed' {
  const matching = statementsAbout(statements, call);
  if (matching.some(({ Effect }) => Effect === 'Deny')) return 'denied';
  return matching.length > 0 ? 'allowed' : 'not allowed';
}

/** The statements that speak of a call. @throws Error as `decide` does */
export function statementsAbout<One extends Statement>(statements: readonly One[], call: Call): One[] {
  return statements.filter((statement) => concerns(statement, call));
}

/** A call with what AWS adds to the context of every request: who makes it. */
export function askedBy({ arn }: Pick<Caller, 'arn'>, call: Call): Call {
  return { ...call, context: { ...call.context, 'aws:PrincipalArn': arn } };
}

/** Whether an identity's own policies allow a call in its account. */
export function isAllowed(caller: Caller, call: Call): boolean {
  return decide(caller.statements, askedBy(caller, call)) === 'allowed';
}

/**
 * Whether a key may be used: its policy names the caller, or leaves it to IAM by naming the caller's account,
 * and then IAM allows it too. Without either, no policy of an identity counts; a denial in any of them does.
 */
export function mayUseKey(caller: Caller, keyPolicy: readonly Statement[], call: Call): boolean {
  const [, partition] = caller.arn.split(':');
  const account = `arn:${partition}:iam::${caller.accountId}:root`;
  const asked = askedBy(caller, call);
  const said = (kinds: readonly string[]) =>
    decide(
      keyPolicy.filter(({ Principal }) => principals(Principal).some((one) => kinds.includes(one))),
      asked,
    );
  const byName = said(['*', caller.arn]);
  const byAccount = said([account]);
  const byIam = decide(caller.statements, asked);
  if ([byName, byAccount, byIam].includes('denied')) return false;
  return byName === 'allowed' || (byAccount === 'allowed' && byIam === 'allowed');
}

/** The principals of AWS that a statement names. */
function principals(principal: unknown): readonly string[] {
  if (principal === '*') return ['*'];
  const { AWS: aws = [], ...services } = principal as { AWS?: string | string[] };
  const unknown = Object.keys(services).filter((kind) => kind !== 'Service');
  if (unknown.length > 0) throw new Error(`cannot judge a principal of kind ${unknown.join(', ')}`);
  return list(aws);
}

function concerns(statement: Statement, { action, resource, context = {} }: Call): boolean {
  const unknown = Object.keys(statement).filter((member) => !MEMBERS.includes(member));
  if (unknown.length > 0) throw new Error(`cannot judge ${unknown.join(', ')}`);
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') {
    throw new Error(`cannot judge the effect ${String(statement.Effect)}`);
  }
  return (
    // The names of actions are the same in any case; those of resources are not.
    list(statement.Action).some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
    list(statement.Resource ?? '*').some((pattern) => matches(pattern, resource)) &&
    Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) => holds(operator, context[key], list(wanted))),
    )
  );
}

/** Every key must hold, for which one of its values is enough. A key that a request lacks does not match. */
function holds(
  operator: string,
  found: string | readonly string[] | undefined,
  wanted: readonly string[],
): boolean {
  switch (operator) {
    case 'Null':
      return wanted.some((value) => value === String(found === undefined || found.length === 0));
    // Each of the values that a request has must be one of these; where it has none, it holds.
    case 'ForAllValues:StringEquals':
      return list(found ?? []).every((value) => wanted.includes(value));
    case 'ForAllValues:StringLike':
      return list(found ?? []).every((value) => wanted.some((pattern) => matches(pattern, value)));
  }
  if (found !== undefined && typeof found !== 'string') {
    throw new Error(`cannot judge ${operator} of a key with many values`);
  }
  switch (operator) {
    case 'StringEquals':
      return wanted.some((value) => value === found);
    case 'StringLike':
      return found !== undefined && wanted.some((pattern) => matches(pattern, found));
    case 'ArnLike':
    // ArnEquals compares patterns too.
    case 'ArnEquals':
      return found !== undefined && wanted.some((pattern) => matchesArn(pattern, found));
    case 'Bool':
      return found !== undefined && wanted.some((value) => value === found);
    case 'NumericLessThanEquals':
      return found !== undefined && wanted.some((value) => Number(found) <= Number(value));
    default:
      throw new Error(`cannot judge the condition ${operator}`);
  }
}

/** `*` is any text, `?` any one character. @throws Error for a policy variable */
export function matches(pattern: string, text: string): boolean {
  if (pattern.includes('${')) throw new Error(`cannot judge the variable in ${pattern}`);
  // Most patterns are plain names, and there are many to each call.
  if (!/[*?]/.test(pattern)) return pattern === text;
  const escaped = pattern.replace(/[.+^$()|[\]{}\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(text);
}

/** Each part between colons by itself: a wildcard in one does not reach into the next. */
function matchesArn(pattern: string, arn: string): boolean {
  const [wanted, found] = [arnParts(pattern), arnParts(arn)];
  return wanted.length === found.length && wanted.every((part, index) => matches(part, found[index] ?? ''));
}

/** The sixth part is the resource, which may hold colons. */
function arnParts(arn: string): readonly string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), ...(parts.length > 5 ? [parts.slice(5).join(':')] : [])];
}

function list(value: string | readonly string[]): readonly string[] {
  const values = typeof value === 'string' ? [value] : value;
  const odd = values.find((one) => typeof one !== 'string');
  if (odd !== undefined) throw new Error(`cannot judge ${JSON.stringify(odd)}: it is not resolved`);
  return values;
}
