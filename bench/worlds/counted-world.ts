import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { stateTableName } from '../../functions/aws/resource-names.ts';
import { type Composition, compose, createLogger } from '../../functions/handlers/composition.ts';
import { refreshDueHandler } from '../../functions/handlers/refresh-due.ts';
import { refreshNowHandler } from '../../functions/handlers/refresh-now.ts';
import type { LocalAwsClients } from '../../local/endpoint-clients.ts';
import { TestAws } from '../../test/support/aws.ts';
import { QuickClock } from '../simulation/quick-clock.ts';
import { context, silently } from './invocation.ts';

const NAMESPACE = 'evertoken';
const MINUTE = 60_000;
const LIFETIME_SECONDS = 3600;
/** A commit moves a connection in two indexes: each deletes an entry and puts one. */
const INDEX_UNITS_OF_COMMIT = 4;

export type Kind = 'client credentials' | 'rotating';
/** How often each operation was called; reads of credentials are counted once more by themselves. */
export type Calls = ReadonlyMap<string, number>;

export interface Counted {
  readonly calls: Calls;
  /** The same in the order in which they came. */
  readonly order: readonly string[];
  readonly refreshed: number;
  /** Write and read units of the state table and its indexes. */
  readonly units: { readonly written: number; readonly read: number };
}

/**
 * The functions as they are deployed, between an AWS endpoint whose DynamoDB is a real one and a token endpoint. The
 * clock stands still while any call is under way, so that what is counted does not depend on the machine.
 */
export class CountedWorld implements AsyncDisposable {
  readonly clock: QuickClock;
  readonly #aws: TestAws;
  readonly #composition: Composition;
  readonly #tokens: Server;
  readonly #calls = new Map<string, number>();
  #order: string[] = [];
  #units = { written: 0, read: 0 };

  private constructor(aws: TestAws, tokens: Server, clock: QuickClock, composition: Composition) {
    this.#aws = aws;
    this.#tokens = tokens;
    this.clock = clock;
    this.#composition = composition;
    aws.endpoint.calls.subscribe(({ operation, resource = '' }) => {
      this.#count(operation);
      this.#order.push(operation);
      if (operation === 'GetSecretValue' && resource.includes('/credentials/')) this.#count(CREDENTIALS);
    });
    const dynamodb = aws.hastyClients.dynamodb.middlewareStack;
    dynamodb.add(
      (next) => async (args) => {
        const answer = await next({
          ...args,
          input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } as typeof args.input,
        });
        this.#consumed(answer.output);
        return answer;
      },
      { step: 'initialize', name: 'countUnits', override: true },
    );
  }

  /** @param sharedBy how many connections share the credentials of one client */
  static async start(kind: Kind, connections: number, sharedBy: number): Promise<CountedWorld> {
    const underWay = new CallsUnderWay();
    const clock = new QuickClock(undefined, () => underWay.areAny);
    const aws = await TestAws.start(clock);
    await underWay.watch(aws.hastyClients);
    const tokens = await startTokenEndpoint();
    const origin = `http://127.0.0.1:${(tokens.address() as AddressInfo).port}`;
    const stateTable = await aws.createStateTable(stateTableName(NAMESPACE));
    const config = {
      namespace: NAMESPACE,
      stateTable,
      parameterWritesPerSecond: 3,
      secretWritesPerSecond: 20,
      allowedTokenOrigins: [origin],
      timeScale: 1,
    };
    const composed = compose(config, {
      clock,
      random: { fraction: () => 0.5, uuid: randomUUID },
      clients: aws.hastyClients,
      logger: createLogger({ logLevel: 'SILENT' }),
    });
    const { tokenEndpoint } = composed.ports;
    const exchange: typeof tokenEndpoint.exchange = (input, options) =>
      underWay.count(() => tokenEndpoint.exchange(input, options));
    const ports = { ...composed.ports, tokenEndpoint: { ...tokenEndpoint, exchange } };
    // Its module is loaded when it is first asked.
    await ports.rescues.mayExist('c-0');
    const composition = { ...composed, ports };
    const world = new CountedWorld(aws, tokens, clock, composition);
    for (let index = 0; index < Math.ceil(connections / sharedBy); index += 1) {
      await aws.createSecret(`${NAMESPACE}/credentials/app-${index}`, {
        client_id: `app-${index}`,
        client_secret: 'fake-canary-client-secret',
      });
    }
    for (let index = 0; index < connections; index += 1) {
      const name = `c-${index}`;
      await aws.createSecret(`${NAMESPACE}/tokens/${name}`);
      if (kind === 'rotating') {
        await aws.createSecret(`${NAMESPACE}/refresh-tokens/${name}`, {
          refresh_token: 'fake-canary-refresh-token',
        });
      }
      const definition = {
        tokenUrl: `${origin}/token`,
        credentials: `app-${Math.floor(index / sharedBy)}`,
        grants: [kind === 'rotating' ? 'refresh_token' : 'client_credentials'],
      };
      await composition.ports.state.register(name, definition, clock.now());
    }
    await world.reconciled(connections);
    return world;
  }

  /** As reconciling leaves it, which runs each hour. */
  async reconciled(registered: number): Promise<void> {
    const fleet = { at: this.clock.now(), registered, paused: 0, areWatched: true, refreshTokenEnds: [] };
    await this.#composition.ports.state.noteFleet(fleet);
  }

  get state(): Composition['ports']['state'] {
    return this.#composition.ports.state;
  }

  /** Runs `refresh-due` once. @throws Error when a refresh fails */
  async tick(): Promise<Counted> {
    return this.#counted(async () => {
      const { outcomes } = await refreshDueHandler(() => this.#composition)({}, context());
      const { refreshed = 0, ...others } = outcomes as Record<string, number>;
      if (Object.keys(others).length > 0) throw new Error(`not refreshed: ${JSON.stringify(others)}`);
      return refreshed;
    });
  }

  /** Runs `refresh-due` each minute for so many hours. */
  async hours(hours: number, registered: number): Promise<Counted> {
    const all: Counted[] = [];
    for (let minute = 0; minute < hours * 60; minute += 1) {
      if (minute % 60 === 0) await this.reconciled(registered);
      this.clock.advance(MINUTE);
      all.push(await this.tick());
    }
    return all.reduce(together);
  }

  /** Asks `refresh-now` for a new token. @throws Error when there is none */
  async refreshNow(name: string): Promise<Counted> {
    return this.#counted(async () => {
      const { results } = await refreshNowHandler(() => this.#composition)(
        { connections: [name], force: true },
        context(),
      );
      if (results[0]?.outcome !== 'refreshed') throw new Error(`not refreshed: ${results[0]?.outcome}`);
      return 1;
    });
  }

  async #counted(work: () => Promise<number>): Promise<Counted> {
    this.#calls.clear();
    this.#order = [];
    this.#units = { written: 0, read: 0 };
    const refreshed = await silently(() => this.clock.run(work));
    await this.#aws.endpoint.idle();
    const { written, read } = this.#units;
    const units = { written: written + refreshed * INDEX_UNITS_OF_COMMIT, read };
    return { calls: new Map(this.#calls), order: this.#order, refreshed, units };
  }

  #count(operation: string): void {
    this.#calls.set(operation, (this.#calls.get(operation) ?? 0) + 1);
  }

  #consumed(output: unknown): void {
    const { ConsumedCapacity = [] } = output as { ConsumedCapacity?: Capacity | readonly Capacity[] };
    const isRead = ['Item', 'Items', 'Responses'].some((key) => key in (output as object));
    for (const { CapacityUnits = 0 } of [ConsumedCapacity].flat()) {
      this.#units[isRead ? 'read' : 'written'] += CapacityUnits;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#aws[Symbol.asyncDispose]();
    this.#tokens.close();
  }
}

/** Real calls that have no answer yet. */
class CallsUnderWay {
  #calls = 0;

  get areAny(): boolean {
    return this.#calls > 0;
  }

  async count<T>(call: () => Promise<T>): Promise<T> {
    this.#calls += 1;
    try {
      return await call();
    } finally {
      this.#calls -= 1;
    }
  }

  /** Counts what these clients call from now on, and loads those of them that are loaded on demand. */
  async watch({ dynamodb, secretsManager, onDemand }: LocalAwsClients): Promise<void> {
    for (const { middlewareStack } of [dynamodb, secretsManager, await onDemand.ssm()]) {
      (middlewareStack as typeof dynamodb.middlewareStack).add(
        (next) => (args) => this.count(() => next(args)),
        { step: 'initialize', priority: 'high', name: 'countUnderWay', override: true },
      );
    }
    const events = await onDemand.eventBridge();
    const { putEvents } = events;
    Object.assign(events, {
      putEvents: (...args: Parameters<typeof putEvents>) => this.count(() => putEvents(...args)),
    });
  }
}

/** How reads of credentials are counted by themselves. */
export const CREDENTIALS = 'GetSecretValue credentials';

interface Capacity {
  readonly CapacityUnits?: number;
}

function together(one: Counted, other: Counted): Counted {
  const calls = new Map(one.calls);
  for (const [operation, times] of other.calls) calls.set(operation, (calls.get(operation) ?? 0) + times);
  const units = {
    written: one.units.written + other.units.written,
    read: one.units.read + other.units.read,
  };
  return { calls, order: [], refreshed: one.refreshed + other.refreshed, units };
}

async function startTokenEndpoint(): Promise<Server> {
  let issued = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      issued += 1;
      const answer = {
        access_token: `fake-access-token-${issued}`,
        token_type: 'Bearer',
        expires_in: LIFETIME_SECONDS,
        ...(body.includes('refresh_token=') && { refresh_token: `fake-canary-refresh-token-${issued}` }),
      };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}
