import type { Account } from './account.ts';
import {
  type KnownResources,
  type NeededPermission,
  neededPermissions,
  type ServiceCall,
} from './needed-permissions.ts';
import {
  askedBy,
  type Call,
  type Caller,
  isAllowed,
  mayUseKey,
  type Statement,
  statementsAbout,
} from './policy-evaluator.ts';
import { type Role, statementName } from './role.ts';

/** A permission that a role needed. */
export interface JudgedPermission extends NeededPermission {
  /** Name of the role. */
  readonly role: string;
  readonly allowed: boolean;
}

/** What a role was refused, as AWS words it. */
export interface Refusal {
  /** STS's name for it is a shorter one. */
  readonly code: 'AccessDeniedException' | 'AccessDenied';
  readonly message: string;
}

/** A statement of a role that no call needed. */
export interface UnusedStatement {
  readonly role: string;
  readonly statement: string;
}

export interface AuthorizerOptions {
  readonly account: Account;
  readonly known: KnownResources;
  /** The policy of a key, by its ARN. */
  readonly keyPolicy: (keyArn: string) => readonly Statement[];
  /** Told of every refusal, when it happens. */
  readonly onRefused?: (refused: JudgedPermission) => void;
}

interface Session {
  readonly role: Role;
  readonly name: string;
}

/** Judges every call of a role by the role's policies, and remembers what was needed. */
export class Authorizer {
  readonly #options: AuthorizerOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #roles = new Set<Role>();
  /** Each different permission once, so that a run of days needs no more than one of minutes. */
  readonly #judged = new Map<string, JudgedPermission>();
  readonly #used = new Set<Statement>();
  #allowedCount = 0;
  #refusedCount = 0;

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /** From now on calls that are signed with this access key are the role's. */
  addSession(accessKeyId: string, role: Role, name: string): void {
    this.#sessions.set(accessKeyId, { role, name });
    this.#roles.add(role);
  }

  /** Whose calls are signed with this access key; `undefined` for a person's. */
  roleOf(accessKeyId: string): Role | undefined {
    return this.#sessions.get(accessKeyId)?.role;
  }

  addRole(role: Role): void {
    this.#roles.add(role);
  }

  /** Every role that was made known. */
  get roles(): readonly Role[] {
    return [...this.#roles];
  }

  get counts(): { readonly allowed: number; readonly refused: number } {
    return { allowed: this.#allowedCount, refused: this.#refusedCount };
  }

  /** Every different permission that was needed so far. */
  get judged(): readonly JudgedPermission[] {
    return [...this.#judged.values()];
  }

  /** The statements of all roles that no call has needed so far; one that denies is there for calls that never come. */
  get unused(): readonly UnusedStatement[] {
    return [...this.#roles].flatMap(({ name, statements }) =>
      statements
        .filter((statement) => statement.Effect === 'Allow' && !this.#used.has(statement))
        .map((statement) => ({ role: name, statement: statementName(statement) })),
    );
  }

  /** @returns what to answer instead; `undefined` when the call is allowed, or is no role's but a person's */
  refusal(accessKeyId: string, call: ServiceCall): Refusal | undefined {
    const session = this.#sessions.get(accessKeyId);
    if (session === undefined) return undefined;
    const { account, known } = this.#options;
    const refused = neededPermissions(call, account, known).find(({ kind, call: needed }) =>
      kind === 'key' ? !this.#mayUseKey(session.role, needed) : !this.isAllowed(session.role, needed),
    );
    return refused && refusalOf(refused, session, account);
  }

  /** Whether a role's policies allow what it does itself, or a service does in its name. */
  isAllowed(role: Role, call: Call): boolean {
    return this.#note(role, 'action', call, isAllowed(this.#caller(role), call));
  }

  #mayUseKey(role: Role, call: Call): boolean {
    const { keyPolicy } = this.#options;
    return this.#note(role, 'key', call, mayUseKey(this.#caller(role), keyPolicy(call.resource), call));
  }

  #caller({ arn, statements }: Role): Caller {
    return { arn, statements, accountId: this.#options.account.accountId };
  }

  #note(role: Role, kind: NeededPermission['kind'], call: Call, allowed: boolean): boolean {
    const permission = { role: role.name, kind, call, allowed };
    this.#judged.set(JSON.stringify(permission), permission);
    if (allowed) {
      this.#allowedCount += 1;
      for (const statement of statementsAbout(role.statements, askedBy(role, call)))
        this.#used.add(statement);
    } else {
      this.#refusedCount += 1;
      this.#options.onRefused?.(permission);
    }
    return allowed;
  }
}

function refusalOf({ kind, call }: NeededPermission, { role, name }: Session, account: Account): Refusal {
  const code = call.action.startsWith('sts:') ? 'AccessDenied' : 'AccessDeniedException';
  const isThroughService = call.context?.['kms:ViaService'] !== undefined;
  if (kind === 'key' && isThroughService) return { code, message: 'Access to KMS is not allowed' };
  const user = `arn:${account.partition}:sts::${account.accountId}:assumed-role/${role.name}/${name}`;
  return {
    code,
    message:
      `User: ${user} is not authorized to perform: ${call.action} on resource: ${call.resource} ` +
      `because no identity-based policy allows the ${call.action} action`,
  };
}
