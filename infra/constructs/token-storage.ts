import { RemovalPolicy, Tags } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Construct, type IConstruct } from 'constructs';
import { secretName } from '../../functions/aws/resource-names.ts';
import type { Connection as Definition } from '../../functions/connections/connection.ts';
import { namespaceProblem } from '../../functions/connections/connection-name.ts';
import { pathText } from '../../functions/connections/parse/describe-issues.ts';
import { sharedSecretProblems } from '../../functions/connections/shared-secrets.ts';
import { SynthProblem } from '../synth-problem.ts';
import type { DeclaredPlace, Proof } from './connection-definition.ts';
import { createEmptySecret } from './empty-secret.ts';
import { createRescueKey } from './rescue-key.ts';
import { createStateTable } from './state-table.ts';
import { createTokenKey } from './token-key.ts';

/** Whose key encrypts what is stored. */
export type Encryption = 'customer-managed' | 'aws-managed';

/**
 * The most connections that one stack declares: four resources each, and CloudFormation takes 500. More are
 * registered with `evertoken import`.
 * @internal
 */
export const MOST_CONNECTIONS = 100;

export interface TokenStorageProps {
  /**
   * What the names of secrets and parameters begin with; two namespaces in one account never meet. 1 to 32
   * characters of a-z, 0-9 and "-", not beginning with "aws" or "ssm".
   * @default 'evertoken'
   */
  readonly namespace?: string;
  /**
   * `customer-managed`: keys of the namespace's own ($1 a month each), used through AWS services only: one of
   * secrets, state and tokens in parameters, which readers in another account need, and one of rescued refresh tokens,
   * which nobody but the refresher can use. `aws-managed`: the account's `aws/secretsmanager` and `aws/ssm`; the latter
   * opens a rescue, and a token in a parameter, for whoever in the account may read the parameter. Choose before the
   * first deployment: existing values stay under the key that they were written with.
   * @default 'customer-managed'
   */
  readonly encryption?: Encryption;
  /**
   * An existing key for secrets and state, in place of a new one. Its policy must let the account's principals
   * use it through Secrets Manager and DynamoDB, and through Systems Manager for tokens that live too short a time for a
   * secret. Rescued refresh tokens have a new key of their own all the same.
   * @default - a new key, unless `encryption` is `aws-managed`
   */
  readonly key?: IKey;
  /**
   * What becomes of keys, state table and secrets that are removed from the template. With anything but RETAIN a mistake
   * costs the refresh tokens: for what is tried and thrown away.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Tags of all that it consists of.
   * @default - none
   */
  readonly tags?: Readonly<Record<string, string>>;
}

/** A declared connection, as the storage knows it. @internal */
export interface StoredConnection {
  readonly connectionName: string;
  readonly definition: Definition;
  readonly place: DeclaredPlace;
  readonly proof: Proof;
  /** Writes of parameters a second that its token asks for; 0 where that goes to its secret. */
  readonly parameterWrites: number;
  /** What declares it, and creates its secrets. */
  readonly construct: IConstruct;
}

/**
 * What must outlive every deployment: the keys and the state table, all retained. Connections put their
 * parameters and secrets beside it.
 */
export class TokenStorage extends Construct {
  readonly namespace: string;
  /** The key of secrets and state; absent where AWS manages it. */
  readonly key?: IKey;
  /** The key of rescued refresh tokens, for the refresher alone; absent where AWS manages keys. */
  readonly rescueKey?: Key;
  readonly table: Table;
  /** Of all that is stored. */
  readonly removalPolicy: RemovalPolicy;

  readonly #ownKey: Key | undefined;
  #refresher: IConstruct | undefined;
  readonly #connections = new Map<string, StoredConnection>();
  readonly #visitors: ((connection: StoredConnection) => void)[] = [];
  readonly #adoptedCredentials = new Set<string>();

  /** @throws SynthProblem for a namespace that cannot be one, an alias, or a key where AWS is to manage it */
  constructor(scope: Construct, id: string, props: TokenStorageProps = {}) {
    super(scope, id);
    const { namespace = 'evertoken', encryption = 'customer-managed', key } = props;
    const problem = namespaceProblem(namespace);
    if (problem !== undefined) throw new SynthProblem(`namespace: "${namespace}" ${problem}`);
    if (key !== undefined && encryption === 'aws-managed') {
      throw new SynthProblem('key: cannot be given where encryption is "aws-managed": leave one of them out');
    }
    // Policies name keys by their ARN, and so do the functions: whoever moves an alias would decide who can read.
    if (key !== undefined && 'aliasName' in key) {
      throw new SynthProblem('key: is an alias; expected the key itself, such as Key.fromKeyArn gives');
    }
    this.namespace = namespace;
    this.removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    for (const [tag, value] of Object.entries(props.tags ?? {})) Tags.of(this).add(tag, value);
    this.#ownKey =
      key === undefined && encryption === 'customer-managed'
        ? createTokenKey(this, namespace, this.removalPolicy)
        : undefined;
    const used = key ?? this.#ownKey;
    if (used !== undefined) this.key = used;
    if (encryption === 'customer-managed')
      this.rescueKey = createRescueKey(this, namespace, this.removalPolicy);
    this.table = createStateTable(this, { namespace, key: used, removalPolicy: this.removalPolicy });
  }

  /** Every connection that is declared with this storage so far. @internal */
  get connections(): readonly StoredConnection[] {
    return [...this.#connections.values()];
  }

  /** The key where its policy is this deployment's to change. @internal */
  get ownKey(): Key | undefined {
    return this.#ownKey;
  }

  /** Calls `visit` for every connection, also for those that are declared later. @internal */
  forEachConnection(visit: (connection: StoredConnection) => void): void {
    this.#visitors.push(visit);
    for (const connection of this.#connections.values()) visit(connection);
  }

  /** Two refreshers would race for the same refresh tokens. @throws SynthProblem for the second @internal */
  keepFreshBy(refresher: IConstruct): void {
    if (this.#refresher !== undefined) {
      throw new SynthProblem(
        `storage: "${this.namespace}" is kept fresh by ${this.#refresher.node.path} already, and a second refresher would race with it: give each a storage and a namespace of its own`,
      );
    }
    this.#refresher = refresher;
  }

  /**
   * Takes in a connection and creates the secret of its credentials, once for all that share them. Where one
   * of them adopts, the secret exists and is only referred to.
   * @throws SynthProblem when there is one of that name, when two would write to one secret, or when there
   * are too many
   * @internal
   */
  add(connection: StoredConnection): void {
    const { connectionName, definition } = connection;
    if (this.#connections.has(connectionName)) {
      throw new SynthProblem(
        `connection "${connectionName}": is declared twice in namespace "${this.namespace}"`,
      );
    }
    if (this.#connections.size === MOST_CONNECTIONS) {
      throw new SynthProblem(tooManyConnections(MOST_CONNECTIONS + 1));
    }
    this.#connections.set(connectionName, connection);
    const definitions = [...this.#connections].map(([name, other]) => [name, other.definition] as const);
    const [shared] = sharedSecretProblems(Object.fromEntries(definitions));
    if (shared) throw new SynthProblem(`${pathText(shared.path)}: ${shared.message}`);
    if (typeof definition.credentials === 'string') {
      this.#addCredentials(definition.credentials, definition.adopt ?? false);
    }
    for (const visit of this.#visitors) visit(connection);
  }

  #addCredentials(name: string, adopt: boolean): void {
    const id = constructId(`credentials ${name}`);
    if (adopt) {
      this.#adoptedCredentials.add(name);
      this.node.tryRemoveChild(id);
    }
    if (this.#adoptedCredentials.has(name) || this.node.tryFindChild(id)) return;
    createEmptySecret(this, id, {
      name: secretName.credentials(this.namespace, name),
      description: `Credentials "${name}" of Evertoken: an operator stores them, and they stay when no connection uses them any more`,
      key: this.key,
      removalPolicy: this.removalPolicy,
    });
  }
}

/** What to say of more connections than a stack takes. @internal */
export function tooManyConnections(count: number): string {
  return (
    `connections: ${count} are declared, and one deployment takes at most ${MOST_CONNECTIONS}: ` +
    'register the others with "evertoken import", which creates their secrets outside the stack'
  );
}

/** A name as the id of a construct, where `/` means a path. No two names become the same. @internal */
export const constructId = (name: string) => name.replaceAll('/', ':');
