import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, ListSecretVersionIdsCommand } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, ParameterNotFound, PutParameterCommand } from '@aws-sdk/client-ssm';
import type { Context } from 'aws-lambda';
import { stateTableName } from '../../functions/aws/resource-names.ts';
import type { Connection } from '../../functions/connections/connection.ts';
import {
  type Composition,
  type CompositionProps,
  compose,
  createLogger,
} from '../../functions/handlers/composition.ts';
import { reconcileHandler } from '../../functions/handlers/reconcile.ts';
import { refreshDueHandler } from '../../functions/handlers/refresh-due.ts';
import { refreshNowHandler } from '../../functions/handlers/refresh-now.ts';
import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import type { RefreshResult } from '../../functions/refresh/refresh-result.ts';
import { health } from '../../functions/refresh/rules/health.ts';
import type { TestAws } from './aws.ts';
import { assertNoCanary, canarySecret } from './canary.ts';
import { FaultyTokenEndpoint } from './faulty-token-endpoint.ts';
import type { LeapingClock } from './leaping-clock.ts';
import { quietOutput } from './quiet-output.ts';

const NAME = 'crm';
const MINUTE = 60_000;
const KEY = { pk: { S: `connection#${NAME}` } };
const CREDENTIALS = { client_id: 'client-1', client_secret: canarySecret('client-secret') };
let namespaces = 0;

type Item = Record<string, AttributeValue>;

/** The refresh token's secret as it is now. */
export interface StoredSecret {
  readonly versionId: string;
  readonly refreshToken: string;
}

export interface RefresherOptions {
  /** Beside where it is and which credentials it has. Default: the refresh_token grant alone. */
  readonly connection?: Partial<Connection> | ((endpoint: FaultyTokenEndpoint) => Partial<Connection>);
  /** What the operator stored. Default: an id and a secret. */
  readonly credentials?: Readonly<Record<string, string>>;
}

/**
 * One connection, `crm`, refreshed by the real composition behind the real handlers, between AWS and a token
 * endpoint that both fail when told to. What the functions print is searched for secrets at the end.
 */
export class ComposedRefresher implements AsyncDisposable {
  readonly namespace: string;
  readonly endpoint: FaultyTokenEndpoint;
  readonly aws: TestAws;
  readonly clock: LeapingClock;
  /** Detail-types of the connection's events, in order. */
  readonly told: string[] = [];
  readonly #output = quietOutput();
  readonly #stateTable: string;
  readonly #unsubscribe: () => void;
  #composition: Composition;

  private constructor(parts: {
    readonly namespace: string;
    readonly aws: TestAws;
    readonly clock: LeapingClock;
    readonly endpoint: FaultyTokenEndpoint;
    readonly stateTable: string;
  }) {
    this.namespace = parts.namespace;
    this.aws = parts.aws;
    this.clock = parts.clock;
    this.endpoint = parts.endpoint;
    this.#stateTable = parts.stateTable;
    this.#unsubscribe = parts.aws.endpoint.onEvent(({ 'detail-type': type, detail }) => {
      assertNoCanary(JSON.stringify(detail), 'an event');
      if (detail['namespace'] === this.namespace) this.told.push(type);
    });
    this.#composition = this.restart();
  }

  /** Declares the connection, stores what it needs, and obtains its first token. */
  static async start(
    aws: TestAws,
    clock: LeapingClock,
    options: RefresherOptions = {},
  ): Promise<ComposedRefresher> {
    const endpoint = await FaultyTokenEndpoint.start(clock);
    namespaces += 1;
    const namespace = `ns-${namespaces}`;
    const stateTable = await aws.createStateTable(stateTableName(namespace));
    const refresher = new ComposedRefresher({ namespace, aws, clock, endpoint, stateTable });
    await refresher.#declare(options);
    await refresher.refresh();
    refresher.told.length = 0;
    return refresher;
  }

  /** The output of the functions so far. */
  get printed(): string {
    return this.#output.text();
  }

  /** The name of its state table. */
  get stateTable(): string {
    return this.#stateTable;
  }

  get ports(): Composition['ports'] {
    return this.#composition.ports;
  }

  /** A new process, with nothing cached. `origins`: allowed ones beside the endpoint's own. */
  restart(
    tokenEndpoint: CompositionProps['tokenEndpoint'] = {},
    origins: readonly string[] = [],
  ): Composition {
    const config = {
      namespace: this.namespace,
      stateTable: this.#stateTable,
      parameterWritesPerSecond: 40,
      secretWritesPerSecond: 50,
      allowedTokenOrigins: [new URL(this.endpoint.url).origin, ...origins],
      timeScale: 1,
    };
    this.#composition = compose(config, {
      clock: this.clock,
      random: { fraction: () => 0.5, uuid: randomUUID },
      // What is insisted on is insisted on by the refresh.
      clients: this.aws.hastyClients,
      logger: createLogger({ logLevel: 'DEBUG' }),
      tokenEndpoint,
    });
    return this.#composition;
  }

  /** Moves on to when the connection is due, ten minutes before its token expires at the earliest. */
  async untilDue(): Promise<void> {
    const { dueAt, expiresAt = 0 } = await this.state();
    const now = this.clock.now();
    const at = Math.max(now, dueAt, expiresAt - 10 * MINUTE);
    // To a whole second, as Retry-After and JWTs count.
    this.clock.advance(Math.ceil(at / 1000) * 1000 - now);
  }

  /** Refreshes the connection by `refresh-now`. @throws what the function throws */
  async refresh({ force = false } = {}): Promise<RefreshResult> {
    const results = await this.invoke({ connections: [NAME], force });
    return results[0] as RefreshResult;
  }

  /** Invokes `refresh-now` with any event. @throws what the function throws */
  async invoke(event: unknown): Promise<readonly RefreshResult[]> {
    const { results } = await refreshNowHandler(() => this.#composition)(event, context());
    await this.aws.endpoint.idle();
    assertNoCanary(JSON.stringify(results), 'a result');
    return results;
  }

  /** Runs `reconcile`. @throws what the function throws */
  async reconcile(): Promise<void> {
    await reconcileHandler(() => this.#composition)({}, context());
    await this.aws.endpoint.idle();
  }

  /** Runs `refresh-due`. @throws what the function throws */
  async tick(): Promise<void> {
    await refreshDueHandler(() => this.#composition)({}, context());
    await this.aws.endpoint.idle();
  }

  /**
   * Ticks once a minute, `times` at most, until the connection has this health; `undefined` when it never has.
   * Minutes in which no tick would look at it pass without one.
   */
  async ticksUntil(health: string, times = 6): Promise<number | undefined> {
    let { health: last } = await this.standing();
    for (let minutes = 0; minutes < times; ) {
      minutes += await this.#nextTick(last === health ? 1 : times - minutes);
      last = (await this.standing()).health;
      if (last === health) return minutes;
    }
    return undefined;
  }

  /** Ticks for so many minutes: at the last of them, and whenever a tick before would look at the connection. */
  async ticksFor(minutes: number): Promise<void> {
    for (let passed = 0; passed < minutes; ) passed += await this.#nextTick(minutes - passed);
  }

  /** How the connection stands, by a look that refreshes nothing. */
  async standing() {
    const state = await this.state();
    return { health: health(state, this.clock.now()), state };
  }

  async state(): Promise<ConnectionState> {
    const state = await this.ports.state.get(NAME);
    if (!state) throw new Error('the connection is not registered');
    assertNoCanary(JSON.stringify(state), 'the state');
    return state;
  }

  /** The connection's item in the state table, as DynamoDB has it. */
  async item(): Promise<Item> {
    const command = new GetItemCommand({ TableName: this.#stateTable, Key: KEY, ConsistentRead: true });
    return (await this.aws.clients.dynamodb.send(command)).Item ?? {};
  }

  /** Puts an earlier item in its place, as a restore of the table does; none: as a table made anew has it. */
  async restore(item?: Item): Promise<void> {
    const { dynamodb } = this.aws.clients;
    const TableName = this.#stateTable;
    if (item) await dynamodb.send(new PutItemCommand({ TableName, Item: item }));
    else await dynamodb.send(new DeleteItemCommand({ TableName, Key: KEY }));
  }

  /** Declares the connection anew, as a deployment does. */
  async redeclare(definition: Partial<Connection>): Promise<void> {
    const { definition: declared } = await this.state();
    await this.aws.clients.ssm.send(
      new PutParameterCommand({
        Name: `/${this.namespace}/connections/crm`,
        Value: JSON.stringify({ ...declared, ...definition }),
        Type: 'String',
        Overwrite: true,
      }),
    );
    await this.reconcile();
  }

  /** Declares a connection of an endpoint, by default of the refresh_token grant alone, and stores what it needs. */
  async declare(
    name: string,
    endpoint: FaultyTokenEndpoint,
    definition: Partial<Connection> = {},
  ): Promise<void> {
    const { aws, namespace } = this;
    const declared = {
      tokenUrl: endpoint.url,
      credentials: 'client',
      grants: ['refresh_token'],
      ...definition,
    };
    await Promise.all([
      aws.createSecret(`${namespace}/refresh-tokens/${name}`, { refresh_token: endpoint.authorize() }),
      aws.createSecret(`${namespace}/tokens/${name}`),
      aws.clients.ssm.send(
        new PutParameterCommand({
          Name: `/${namespace}/connections/${name}`,
          Value: JSON.stringify(declared),
          Type: 'String',
        }),
      ),
    ]);
  }

  /** The refresh token's secret, of another connection where that is named. */
  async stored(name = NAME): Promise<StoredSecret> {
    const { VersionId = '', SecretString = '' } = await this.#read(`refresh-tokens/${name}`);
    return { versionId: VersionId, refreshToken: JSON.parse(SecretString).refresh_token };
  }

  async published(): Promise<Record<string, unknown>> {
    const { SecretString = '' } = await this.#read('tokens/crm');
    return JSON.parse(SecretString);
  }

  /** Everything in the state table, as DynamoDB has it. */
  async items(): Promise<string> {
    const { Items = [] } = await this.aws.clients.dynamodb.send(
      new ScanCommand({ TableName: this.#stateTable }),
    );
    return JSON.stringify(Items);
  }

  /** How many versions the refresh token's secret has had. */
  async versions(): Promise<number> {
    const { Versions = [] } = await this.aws.clients.secretsManager.send(
      new ListSecretVersionIdsCommand({
        SecretId: `${this.namespace}/refresh-tokens/crm`,
        IncludeDeprecated: true,
      }),
    );
    return Versions.length;
  }

  /** The rescue's content, decrypted; `undefined` when there is none. */
  async rescue(): Promise<string | undefined> {
    const Name = `/${this.namespace}/rescue/crm`;
    try {
      const answer = await this.aws.clients.ssm.send(new GetParameterCommand({ Name, WithDecryption: true }));
      return answer.Parameter?.Value;
    } catch (error) {
      if (error instanceof ParameterNotFound) return undefined;
      throw error;
    }
  }

  /** Signs in again, as a person would; answers with the refresh token. */
  async authorize(): Promise<string> {
    const refresh_token = this.endpoint.authorize();
    await this.aws.putSecret(`${this.namespace}/refresh-tokens/crm`, { refresh_token });
    return refresh_token;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.aws.endpoint.inject = undefined;
    this.#unsubscribe();
    await this.endpoint.stop();
    this.#output[Symbol.dispose]();
    assertNoCanary(this.printed, 'the output of the functions');
  }

  async #declare({ connection = {}, credentials = CREDENTIALS }: RefresherOptions): Promise<void> {
    const { aws, namespace, endpoint } = this;
    const definition = typeof connection === 'function' ? connection(endpoint) : connection;
    await Promise.all([
      aws.createSecret(`${namespace}/credentials/client`, credentials),
      this.declare(NAME, endpoint, definition),
    ]);
  }

  /**
   * Passes the minutes, `most` at most, until the connection is due or begins to be watched, and ticks; how many. Those
   * that are watched already are measured by each tick, which does nothing to them.
   */
  async #nextTick(most: number): Promise<number> {
    const { dueAt, watchAt = dueAt } = await this.state();
    const now = this.clock.now();
    const lookAt = Math.min(dueAt, watchAt > now ? watchAt : dueAt, now + most * MINUTE);
    const minutes = this.clock.passMinutesUntil(lookAt);
    await this.tick();
    return minutes;
  }

  #read(name: string) {
    const SecretId = `${this.namespace}/${name}`;
    return this.aws.clients.secretsManager.send(new GetSecretValueCommand({ SecretId }));
  }
}

/** What Lambda tells a function, as far as a handler looks at it. */
function context(): Context {
  const told: Partial<Context> = {
    awsRequestId: randomUUID(),
    functionName: 'refresh',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:refresh',
    memoryLimitInMB: '256',
    getRemainingTimeInMillis: () => 300_000,
  };
  return told as Context;
}
