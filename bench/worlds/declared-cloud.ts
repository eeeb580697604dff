import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { GetParameterCommand, GetParametersByPathCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { marshall } from '@aws-sdk/util-dynamodb';
import { connectionKey } from '../../functions/aws/state-table/connection-item.ts';
import type { Connection } from '../../functions/connections/connection.ts';
import { definitionDigest } from '../../functions/connections/definition-digest.ts';
import type { Clock } from '../../functions/refresh/ports/outside.ts';

const HOUR = 3_600_000;
/** As far as they are away. */
const TABLE_MS = 5;
const PAGE_MS = 20;
/** Parameter Store's default, in any second. */
const READS_PER_SECOND = 40;
const PAGE_SIZE = 10;
const DIGEST_LENGTH = 16;
const READ_BYTES = 4_096;
/** Longer than any that is shown here, and shorter than the most. */
const DESCRIPTION = 'what this connection is for, as its owner put it';

type Item = Record<string, AttributeValue>;

/** What was asked since it was looked at last. */
export interface Asked {
  readonly calls: ReadonlyMap<string, number>;
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly throttled: number;
}

/**
 * The state table and Parameter Store behind the clients' `send`, with connections that are declared and registered
 * alike, made up as they are asked for, so that the memory that is measured is not theirs. Parameter Store refuses
 * what comes too fast.
 */
export class DeclaredCloud {
  /** Those of them that were declared anew, by index. */
  readonly changed = new Set<number>();
  /** Called before each page, of the index or of declarations, is answered with: by its number, and of how many. */
  onPage: (page: number, pages: number) => void = () => undefined;
  readonly #connections: number;
  readonly #clock: Clock;
  readonly #digests: Buffer;
  readonly #others = new Map<string, Item>();
  #reads: number[] = [];
  #calls = new Map<string, number>();
  #readUnits = 0;
  #writeUnits = 0;
  #throttled = 0;

  constructor(connections: number, clock: Clock) {
    this.#connections = connections;
    this.#clock = clock;
    this.#digests = Buffer.alloc(connections * DIGEST_LENGTH);
    for (let index = 0; index < connections; index += 1) {
      this.#digests.write(
        definitionDigest(nameOf(index), definitionOf(index)),
        index * DIGEST_LENGTH,
        'latin1',
      );
    }
  }

  get dynamodb(): DynamoDBClient {
    return { send: (command: unknown) => this.#callTable(command) } as unknown as DynamoDBClient;
  }

  get ssm(): SSMClient {
    const config = { region: async () => 'us-east-1' };
    return { config, send: (command: unknown) => this.#callParameters(command) } as unknown as SSMClient;
  }

  take(): Asked {
    const asked = {
      calls: this.#calls,
      readUnits: this.#readUnits,
      writeUnits: this.#writeUnits,
      throttled: this.#throttled,
    };
    this.#calls = new Map();
    [this.#readUnits, this.#writeUnits, this.#throttled] = [0, 0, 0];
    return asked;
  }

  async #callTable(command: unknown): Promise<unknown> {
    await this.#clock.sleep(TABLE_MS);
    if (command instanceof QueryCommand) {
      this.#count('Query');
      const { Limit = 1_000, ExclusiveStartKey } = command.input;
      const from = Number(ExclusiveStartKey?.['pk']?.S ?? 0);
      const to = Math.min(this.#connections, from + Limit);
      this.onPage(from / Limit, this.#connections / Limit);
      const Items = Array.from({ length: to - from }, (_, index) => this.#indexed(from + index));
      this.#readUnits += Math.ceil(Items.reduce((sum, item) => sum + bytesOf(item), 0) / READ_BYTES) / 2;
      return { Items, ...(to < this.#connections && { LastEvaluatedKey: { pk: { S: String(to) } } }) };
    }
    if (command instanceof GetItemCommand) {
      this.#count('GetItem');
      const pk = command.input.Key?.['pk']?.S ?? '';
      const item = this.#others.get(pk) ?? this.#registered(pk);
      this.#readUnits += item ? Math.ceil(bytesOf(item) / READ_BYTES) : 1;
      return { Item: item };
    }
    if (command instanceof PutItemCommand) {
      this.#count('PutItem');
      const item = command.input.Item ?? {};
      this.#others.set(item['pk']?.S ?? '', item);
      this.#writeUnits += Math.ceil(bytesOf(item) / 1_024);
      return {};
    }
    if (command instanceof UpdateItemCommand) {
      this.#count('UpdateItem');
      const pk = command.input.Key?.['pk'] ?? { S: '' };
      // A registered connection is written to the table, and taken from its place in each of two indexes to another.
      this.#writeUnits += pk.S?.startsWith('connection#') ? 5 : 1;
      const fleet = command.input.ExpressionAttributeValues?.[':fleet'];
      if (fleet) this.#others.set(pk.S ?? '', { pk, fleet });
      return { Attributes: { pk, ...(pk.S?.startsWith('connection#') && marshall(stateOf(0))) } };
    }
    throw new Error('the benchmark knows no such call');
  }

  async #callParameters(command: unknown): Promise<unknown> {
    const now = this.#clock.now();
    this.#reads = [...this.#reads.filter((at) => at > now - 1_000), now];
    await this.#clock.sleep(PAGE_MS);
    this.#count((command as object).constructor.name.replace('Command', ''));
    if (this.#reads.length > READS_PER_SECOND) {
      this.#throttled += 1;
      throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
    }
    if (command instanceof GetParametersByPathCommand) {
      const from = Number(command.input.NextToken ?? 0);
      const to = Math.min(this.#connections, from + PAGE_SIZE);
      this.onPage(from / PAGE_SIZE, this.#connections / PAGE_SIZE);
      const Parameters = Array.from({ length: to - from }, (_, index) => this.#declared(from + index));
      return { Parameters, ...(to < this.#connections && { NextToken: String(to) }) };
    }
    if (command instanceof GetParameterCommand) return { Parameter: this.#declared(0) };
    throw new Error('the benchmark knows no such call');
  }

  #declared(index: number) {
    const definition = definitionOf(index);
    const scope = this.changed.has(index) ? 'declared anew' : definition.scope;
    return {
      Name: `/evertoken/connections/${nameOf(index)}`,
      Value: JSON.stringify({ ...definition, scope }),
    };
  }

  #indexed(index: number): Item {
    const digest = this.#digests.toString('latin1', index * DIGEST_LENGTH, (index + 1) * DIGEST_LENGTH);
    const at = this.#clock.now() + HOUR + index;
    return {
      pk: { S: connectionKey(nameOf(index)) },
      registered: { S: 'watch' },
      digest: { S: digest },
      lastOutcome: { S: 'refreshed' },
      onlyRefreshed: { BOOL: false },
      ...Object.fromEntries(
        ['watchAt', 'dueAt', 'needAt', 'dangerAt', 'expiresAt'].map((key, later) => [
          key,
          { N: String(at + later * 60_000) },
        ]),
      ),
    };
  }

  #registered(pk: string): Item | undefined {
    const [, index] = /^connection#customer-(\d+)/.exec(pk) ?? [];
    return index === undefined ? undefined : marshall(stateOf(Number(index)));
  }

  #count(operation: string): void {
    this.#calls.set(operation, (this.#calls.get(operation) ?? 0) + 1);
  }
}

function nameOf(index: number): string {
  return `customer-${index}/crm`;
}

function definitionOf(index: number): Connection {
  return {
    tokenUrl: `https://idp-${index % 100}.example.com/oauth2/token`,
    credentials: `customer-${index}`,
    grants: ['client_credentials'],
    scope: DESCRIPTION,
  };
}

/** As its last commit left it. */
function stateOf(index: number): Record<string, unknown> {
  const known = { schema: 1, dueAt: 1, generation: 7, failures: 0, writesByHour: {}, queue: 'due' };
  return { pk: connectionKey(nameOf(index)), ...known, definition: definitionOf(index) };
}

/** As DynamoDB counts them, to within some bytes. */
function bytesOf(item: Item): number {
  return Object.entries(item).reduce((sum, [key, value]) => sum + key.length + valueBytes(value), 0);
}

function valueBytes({ S, N, B, M, L }: AttributeValue): number {
  if (S !== undefined) return S.length;
  if (N !== undefined) return Math.ceil(N.length / 2) + 1;
  if (B !== undefined) return B.byteLength;
  if (M !== undefined) return 3 + bytesOf(M);
  if (L !== undefined) return 3 + L.reduce((sum, each) => sum + 1 + valueBytes(each), 0);
  return 1;
}
