import {
  GetParameterCommand,
  GetParametersByPathCommand,
  type GetParametersByPathCommandOutput,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import type { Connection } from '../../connections/connection.ts';
import { ConnectionError } from '../../connections/connection-error.ts';
import { nameProblem } from '../../connections/connection-name.ts';
import { parseConnection } from '../../connections/parse/parse-connection.ts';
import type { Place } from '../../connections/secret-owner.ts';
import type { CallOptions } from '../../refresh/ports/outside.ts';
import {
  type DeclaredConnection,
  type DeclaredConnections,
  type DeclaredPage,
  StoreError,
} from '../../refresh/ports/stores.ts';
import { sendOptions, storeCall } from '../aws-error.ts';
import { parameterName } from '../resource-names.ts';
import { malformed } from '../stored-schema.ts';

/** The most that GetParametersByPath returns. */
const PAGE_SIZE = 10;
/** Names of the error that a NextToken meets which is too old. */
const USELESS_TOKEN: readonly string[] = ['InvalidNextToken', 'ValidationException'];

export interface DeclaredConnectionsProps {
  readonly client: SSMClient;
  readonly namespace: string;
}

/** Connections as declared in Parameter Store, `/<namespace>/connections/<name>`, in JSON. */
export function createDeclaredConnections(props: DeclaredConnectionsProps): DeclaredConnections {
  const { client, namespace } = props;
  const place = async () => ({ namespace, region: await client.config.region() });
  const prefix = parameterName.connection(namespace, '');

  return {
    async get(name, options) {
      // Parameter Store would take `crm:1` for a version of another declaration.
      if (nameProblem(name) !== undefined) return undefined;
      const parameter = parameterName.connection(namespace, name);
      try {
        const answer = await storeCall(`GetParameter ${parameter}`, () =>
          client.send(new GetParameterCommand({ Name: parameter }), sendOptions(options)),
        );
        return readConnection(name, answer.Parameter?.Value ?? '', parameter, await place());
      } catch (error) {
        if (error instanceof StoreError && error.kind === 'missing') return undefined;
        throw error;
      }
    },
    async *list(options) {
      let next: string | undefined;
      do {
        const page: DeclaredPage = await read(next, options);
        yield* page.connections;
        next = page.next;
      } while (next !== undefined);
    },
    async page(after, options) {
      try {
        return await read(after, options);
      } catch (error) {
        const code = error instanceof StoreError ? error.code : '';
        if (after !== undefined && USELESS_TOKEN.includes(code)) return undefined;
        throw error;
      }
    },
  };

  async function read(
    NextToken: string | undefined,
    options: CallOptions | undefined,
  ): Promise<DeclaredPage> {
    const Path = prefix.slice(0, -1);
    const command = new GetParametersByPathCommand({
      Path,
      Recursive: true,
      MaxResults: PAGE_SIZE,
      NextToken,
    });
    const page: GetParametersByPathCommandOutput = await storeCall(`GetParametersByPath ${Path}`, () =>
      client.send(command, sendOptions(options)),
    );
    const here = await place();
    const connections = (page.Parameters ?? []).map(
      ({ Name: parameter = '', Value: value = '' }): DeclaredConnection => {
        const name = parameter.slice(prefix.length);
        return { name, definition: connectionOrError(name, value, parameter, here) };
      },
    );
    return { connections, ...(page.NextToken !== undefined && { next: page.NextToken }) };
  }
}

function connectionOrError(
  name: string,
  value: string,
  parameter: string,
  place: Place,
): Connection | StoreError {
  const problem = nameProblem(name);
  if (problem !== undefined) return malformed(parameter, `is no connection: the name ${problem}`);
  try {
    return readConnection(name, value, parameter, place);
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
}

function readConnection(name: string, value: string, parameter: string, place: Place): Connection {
  let json: unknown;
  try {
    json = JSON.parse(value);
  } catch {
    throw malformed(parameter, 'does not hold JSON');
  }
  try {
    return parseConnection(json, name, place);
  } catch (error) {
    if (error instanceof ConnectionError) throw malformed(parameter, `cannot be used: ${error.message}`);
    throw error;
  }
}
