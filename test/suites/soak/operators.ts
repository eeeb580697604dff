import { Secret } from '../../../functions/oauth/secret.ts';
import type { ConnectionState } from '../../../functions/refresh/connection-state.ts';
import { refreshConnection } from '../../../functions/refresh/refresh-connection.ts';
import type { RefreshPorts } from '../../../functions/refresh/refresh-run.ts';
import { storeRefreshToken } from '../../../functions/refresh/store-refresh-token.ts';
import type { RefreshWorld } from '../../support/refresh-world.ts';
import { grantsOf, type Member } from './fleet.ts';
import { CLOCKS_APART_MS, type MonthAccount } from './month-account.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const FUNCTION_MS = 300_000;
/** How old the state is that a restore brings back. */
const RESTORED_HOURS = 3;
/** How many connections an operator touches at once. */
const SOME = 40;

/** What people do to a deployment in a month, minute by minute; all but the reason to be woken at night. */
export class Operators {
  signIns = 0;
  forced = 0;
  restores = 0;
  readonly #world: RefreshWorld;
  readonly #members: readonly Member[];
  readonly #account: MonthAccount;
  readonly #ports: RefreshPorts;
  readonly #startedAt: number;
  #snapshots: (readonly ConnectionState[])[] = [];
  #regranted: readonly Member[] = [];

  constructor(world: RefreshWorld, members: readonly Member[], account: MonthAccount, ports: RefreshPorts) {
    this.#world = world;
    this.#members = members;
    this.#account = account;
    this.#ports = ports;
    this.#startedAt = world.clock.now();
  }

  /** What they do in one minute. */
  async act(minute: number): Promise<void> {
    const at = (day: number, hour = 0) => minute === (day * DAY_MS + hour * HOUR_MS) / 60_000;
    if (minute % 60 === 0) this.#takeSnapshot();
    if (at(5) || at(12, 7) || at(25, 3)) this.#restoreTable();
    if (at(7) || at(18, 9)) await this.#makeAnew();
    if (at(9) || at(23)) await this.#regrant(['client_credentials']);
    if (at(9, 1) || at(23, 1)) await this.#regrant(undefined);
    if (minute % (12 * 60) === 0) this.#endSessions();
    if (minute % 5 === 0) this.#force(this.#any());
    const isForcedOften = minute >= 3 * 24 * 60 && minute < 3 * 24 * 60 + 90;
    if (isForcedOften) this.#force(this.#members[11] as Member);
    if (minute % 10 === 0) await this.#signIn();
  }

  #any(): Member {
    return this.#members[Math.floor(this.#world.random.fraction() * this.#members.length)] as Member;
  }

  #some(): readonly Member[] {
    return Array.from({ length: SOME }, () => this.#any());
  }

  /** Nobody holds it, nobody has been cut off from it: else not even an operator knows what is under way. */
  #isAtRest({ name }: Member): boolean {
    const item = this.#world.state.items.get(name);
    const endsAt = (item?.leaseEndsAt ?? 0) + CLOCKS_APART_MS;
    const isHeld = item?.leaseOwner !== undefined && endsAt > this.#world.clock.now();
    return !isHeld && item?.attempt === undefined;
  }

  #takeSnapshot(): void {
    this.#snapshots.push([...this.#world.state.items.values()]);
    if (this.#snapshots.length > RESTORED_HOURS + 1) this.#snapshots.shift();
  }

  /** Point-in-time recovery of the whole table. */
  #restoreTable(): void {
    for (const item of this.#snapshots[0] ?? []) {
      const member = this.#members.find(({ name }) => name === item.name) as Member;
      if (!this.#isAtRest(member)) continue;
      const {
        leaseOwner: _,
        leaseEndsAt: __,
        ...state
      } = item as ConnectionState & {
        leaseOwner?: string;
        leaseEndsAt?: number;
      };
      this.#world.state.items.set(item.name, state);
      this.#account.restored(item.name);
      this.restores += 1;
    }
    this.#account.forgotten();
  }

  /** Items are lost, and registered anew from their declarations. */
  async #makeAnew(): Promise<void> {
    for (const member of this.#some()) {
      const { name } = member;
      if (!this.#isAtRest(member)) continue;
      const { definition } = this.#world.state.items.get(name) as ConnectionState;
      this.#world.state.items.delete(name);
      await this.#world.state.register(name, definition, this.#world.clock.now());
      this.#account.restored(name);
      this.restores += 1;
    }
    this.#account.forgotten();
  }

  /** Grants are edited; `undefined` brings back what they were. */
  async #regrant(grants: readonly string[] | undefined): Promise<void> {
    if (grants) this.#regranted = this.#some().filter(({ kind }) => kind === 'chain');
    for (const { name, kind } of this.#regranted) {
      const { definition } = this.#world.state.items.get(name) as ConnectionState;
      const edited = { ...definition, grants: [...(grants ?? grantsOf(kind))] };
      await this.#world.state.register(name, edited, this.#world.clock.now());
    }
  }

  /** A provider ends sessions of connections that have another grant to go on with. */
  #endSessions(): void {
    for (const { name, kind } of this.#some()) {
      const stored = kind === 'chain' ? this.#world.storedRefreshToken(name) : undefined;
      if (stored !== undefined) this.#world.provider.revoke(stored);
    }
  }

  #force({ name }: Member): void {
    this.forced += 1;
    const requestedAt = this.#world.clock.now();
    const request = { name, force: true, requestedAt, functionEndsAt: requestedAt + FUNCTION_MS };
    // Whoever asks hears of it when the state table is out; nothing is lost by that.
    refreshConnection(request, this.#ports).catch(() => undefined);
  }

  /** Where every refresh token is dead, and nowhere else: the rest must come back by itself. */
  async #signIn(): Promise<void> {
    for (const member of this.#members) {
      const { name } = member;
      const item = this.#world.state.items.get(name);
      const asks = item?.lastOutcome === 'needs-reauthorization';
      if (!asks || !this.#account.isDead(member)) continue;
      const token = { refresh_token: new Secret(this.#world.provider.authorize()) };
      const stored = await storeRefreshToken(name, token, this.#ports).catch(() => undefined);
      if (stored !== 'stored') continue;
      this.signIns += 1;
      this.#account.signedIn(name);
    }
  }

  /** Minutes since the month began. */
  minuteOf(now: number): number {
    return Math.round((now - this.#startedAt) / 60_000);
  }
}
