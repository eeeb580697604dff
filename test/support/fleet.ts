import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import type { Connection } from '../../functions/connections/connection.ts';
import { health } from '../../functions/refresh/rules/health.ts';
import type { TestAws } from './aws.ts';
import { assertNoCanary } from './canary.ts';
import { ComposedRefresher } from './composed-refresher.ts';
import { FaultyTokenEndpoint } from './faulty-token-endpoint.ts';
import type { LeapingClock } from './leaping-clock.ts';

/** A connection of a fleet, with a token endpoint of its own. */
export interface FleetMember {
  readonly name: string;
  readonly endpoint: FaultyTokenEndpoint;
}

/** Many connections beside one that nothing happens to, refreshed by one deployment: a tick is for all of them. */
export class Fleet implements AsyncDisposable {
  readonly refresher: ComposedRefresher;
  readonly members: readonly FleetMember[];

  private constructor(refresher: ComposedRefresher, members: readonly FleetMember[]) {
    this.refresher = refresher;
    this.members = members;
  }

  /** Declares the connections, stores what they need, and obtains their first tokens. */
  static async start(
    aws: TestAws,
    clock: LeapingClock,
    connections: ReadonlyMap<string, Partial<Connection>>,
  ): Promise<Fleet> {
    const refresher = await ComposedRefresher.start(aws, clock);
    const { namespace } = refresher;
    const members: FleetMember[] = [];
    for (const [name, connection] of connections) {
      const endpoint = await FaultyTokenEndpoint.start(clock);
      members.push({ name, endpoint });
      const definition = { tokenUrl: endpoint.url, credentials: 'client', ...connection };
      const refresh_token = endpoint.authorize();
      await aws.createSecret(`${namespace}/refresh-tokens/${name}`, { refresh_token });
      await aws.createSecret(`${namespace}/tokens/${name}`);
      await aws.clients.ssm.send(
        new PutParameterCommand({
          Name: `/${namespace}/connections/${name}`,
          Value: JSON.stringify(definition),
          Type: 'String',
        }),
      );
    }
    refresher.restart(
      {},
      members.map(({ endpoint }) => new URL(endpoint.url).origin),
    );
    await refresher.reconcile();
    await refresher.tick();
    return new Fleet(refresher, members);
  }

  /** The health of each. */
  async health(): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    for await (const state of this.refresher.ports.state.list()) {
      assertNoCanary(JSON.stringify(state), 'the state');
      found.set(state.name, health(state, this.refresher.clock.now()));
    }
    return found;
  }

  /** Whether no refresh token of a member was lost or spent twice, and what is stored lives. */
  async isFamilyAlive({ name, endpoint }: FleetMember): Promise<boolean> {
    const { aws, namespace } = this.refresher;
    const SecretId = `${namespace}/refresh-tokens/${name}`;
    const stored = await aws.clients.secretsManager.send(new GetSecretValueCommand({ SecretId }));
    const { refresh_token } = JSON.parse(stored.SecretString ?? '{}');
    return endpoint.doubleSpends === 0 && endpoint.isAlive(refresh_token);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { endpoint } of this.members) await endpoint.stop();
    await this.refresher[Symbol.asyncDispose]();
  }
}
