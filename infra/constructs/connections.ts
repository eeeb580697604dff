import { Construct } from 'constructs';
import type { Connection as Definition } from '../../functions/connections/connection.ts';
import { readDeclaredConnections } from '../declared-connections.ts';
import { SynthProblem } from '../synth-problem.ts';
import { Connection } from './connection.ts';
import { optionsOf } from './connection-options.ts';
import { constructId, type TokenStorage } from './token-storage.ts';

export interface ConnectionsProps {
  /** Where the connections are declared. */
  readonly storage: TokenStorage;
  /**
   * Path of the file, from the folder that CDK runs in.
   * @default 'connections.json'
   */
  readonly file?: string;
}

/** All connections of a file, such as `evertoken init` writes, in an app of one's own. */
export class Connections extends Construct {
  /**
   * Declares what a file says.
   * @throws SynthProblem with a line for everything that is wrong with it
   */
  static fromFile(scope: Construct, id: string, props: ConnectionsProps): Connections {
    return new Connections(scope, id, props);
  }

  readonly #connections: ReadonlyMap<string, Connection>;
  readonly #file: string;

  private constructor(
    scope: Construct,
    id: string,
    { storage, file = 'connections.json' }: ConnectionsProps,
  ) {
    super(scope, id);
    this.#file = file;
    this.#connections = declareConnections(this, storage, readDeclaredConnections(file, storage.namespace));
  }

  /** Each by its name. */
  get all(): ReadonlyMap<string, Connection> {
    return this.#connections;
  }

  /** One of them, for `grantRead`. @throws SynthProblem where the file has none of that name */
  get(connectionName: string): Connection {
    const found = this.#connections.get(connectionName);
    if (found) return found;
    const names = [...this.#connections.keys()].join(', ');
    throw new SynthProblem(`${this.#file}: there is no connection "${connectionName}"; there are ${names}`);
  }
}

/**
 * Declares connections, each in a construct by its name, so that no edit of another ever touches its secrets.
 * @internal
 */
export function declareConnections(
  scope: Construct,
  storage: TokenStorage,
  definitions: ReadonlyMap<string, Definition>,
): ReadonlyMap<string, Connection> {
  return new Map(
    [...definitions].map(([connectionName, definition]) => {
      const props = { storage, connectionName, ...optionsOf(definition) };
      return [connectionName, new Connection(scope, constructId(connectionName), props)];
    }),
  );
}
