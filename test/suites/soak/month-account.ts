import { marginSeconds } from '../../../functions/connections/fit.ts';
import type { TokenRequestInput } from '../../../functions/oauth/request/token-request.ts';
import type { RefreshWorld } from '../../support/refresh-world.ts';
import { Sends } from '../../support/sends.ts';
import { type Member, REFUSED_EARLIER_MS } from './fleet.ts';
import type { Trouble } from './troubles.ts';

const MINUTE_MS = 60_000;
/** A token may expire in a trouble that its margin does not exceed by this. */
const SAFE_SECONDS = 150;
/** What a refresh that is killed costs: its lease, and the tick after it. */
const KILLED_SECONDS = 180;
/** All must be well so long after a trouble; after one of a day, within the hour. */
const MENDED_MS = 5 * MINUTE_MS;
/** Mishaps are remembered for so long. */
const MISHAPS_MS = 15 * MINUTE_MS;
const MENDED_AFTER_DAY_MS = 65 * MINUTE_MS;
/** How far the clocks of two processes may be apart. */
export const CLOCKS_APART_MS = 30_000;

/** Whose process sends, and whether it was killed. */
export interface Sender {
  killed: boolean;
}

/** What the month came to, kept as it goes. */
export class MonthAccount {
  readonly failedExchanges = new Map<string, number>();
  /** Refresh tokens of which a process that lived had the answer, and that no store has. */
  readonly lost: string[] = [];
  readonly beyondRule6: string[] = [];
  readonly notBack: string[] = [];
  readonly unexcused: string[] = [];
  expiredInTroubles = 0;
  /** Sessions that are dead, and tokens that went with an answer that was lost. */
  expiredOutOfReach = 0;
  /** An exchange had no answer, and the refresh token may have been spent. */
  expiredInWaits = 0;
  /** The state believes an older end, and its provider refuses what is early. */
  expiredAfterRestore = 0;
  /** Sessions that ended since an answer was lost on its way, or with a process that was killed. */
  readonly ended = new Set<string>();
  answersLost = 0;
  refreshes = 0;
  readonly #world: RefreshWorld;
  readonly #members: readonly Member[];
  readonly #troubles: readonly Trouble[];
  readonly #sends = new Sends(CLOCKS_APART_MS);
  /** The last send of each connection, and how it went. */
  readonly #last = new Map<
    string,
    { token: string; wasSpent: boolean; sender: Sender; hasAnswer: boolean }
  >();
  readonly #excusedUntil = new Map<string, number>();
  readonly #restoredAt = new Map<string, number>();
  readonly #mishaps = new Map<string, readonly number[]>();
  readonly #lateness: number[] = [];

  constructor(world: RefreshWorld, members: readonly Member[], troubles: readonly Trouble[]) {
    this.#world = world;
    this.#members = members;
    this.#troubles = troubles;
  }

  failed(kind: string): void {
    this.failedExchanges.set(kind, (this.failedExchanges.get(kind) ?? 0) + 1);
  }

  /** Something went wrong with one connection alone: its exchange failed by itself, or it was cut off by a kill. */
  mishap(name: string): void {
    const recent = (this.#mishaps.get(name) ?? []).filter((at) => at > this.#world.clock.now() - MISHAPS_MS);
    this.#mishaps.set(name, [...recent, this.#world.clock.now()]);
  }

  /** An exchange leaves. */
  sent(
    input: TokenRequestInput,
    sender: Sender,
    became: { readonly hasAnswer: boolean; readonly mayHaveSpent: boolean; readonly hadEffect: boolean },
  ): void {
    const token = input.refresh_token?.reveal();
    const name = input.scope ?? '';
    if (token === undefined || !this.#world.provider.rotates(input)) return;
    const { hasAnswer, mayHaveSpent, hadEffect } = became;
    const wasSpent = this.#sends.isSpent(token);
    const broken = this.#sends.add({
      token,
      at: this.#world.clock.now(),
      mayHaveSpent,
      hadEffect,
      graceMs: this.#world.provider.graceMs(input),
      successorIsStored: () => this.#isStored(name, this.#world.provider.successors.get(token) ?? ''),
    });
    this.beyondRule6.push(...broken.map((what) => `${name}: ${what}`));
    this.#last.set(name, { token, wasSpent, sender, hasAnswer });
    if (hadEffect && !hasAnswer) this.answersLost += 1;
  }

  /** The state of a connection was written by who has the answer. */
  committed(name: string): void {
    const last = this.#last.get(name);
    if (last?.hasAnswer) this.#sends.answered(last.token, last.wasSpent);
    this.#judgeLoss(name);
    this.#last.delete(name);
  }

  /** The state of a connection is that of an earlier hour. */
  restored(name: string): void {
    this.#restoredAt.set(name, this.#world.clock.now());
    this.#last.delete(name);
  }

  /** Everything that was noted of answers is forgotten. */
  forgotten(): void {
    this.#sends.restored();
  }

  /** A person brought a new session in place of one that was dead. */
  signedIn(name: string): void {
    this.#excusedUntil.set(name, this.#world.clock.now() + MENDED_MS);
  }

  /** A connection that is due was taken up. Where its provider is out, it is left alone on purpose. */
  tookUp(name: string, dueAt: number): void {
    const now = this.#world.clock.now();
    const own = this.#members.find((member) => member.name === name)?.provider;
    const isInTrouble = this.#troubles.some(
      ({ provider = own, from, overAt }) => provider === own && now >= from && now < overAt + MENDED_MS,
    );
    if (isInTrouble) return;
    const lateMs = now - Math.max(dueAt, this.#restoredAt.get(name) ?? 0);
    this.#lateness.push(lateMs);
  }

  /** The 99th percentile and the most that a due connection waited, in seconds. */
  lateness(): { readonly p99: number; readonly most: number } {
    const sorted = this.#lateness.sort((one, other) => one - other);
    const at = (share: number) => (sorted[Math.ceil(sorted.length * share) - 1] ?? 0) / 1000;
    return { p99: at(0.99), most: at(1) };
  }

  /** Whether every refresh token that is stored for a connection is dead: a person must sign in. */
  isDead({ name, kind }: Member): boolean {
    if (kind === 'client-credentials' || kind === 'sticky' || kind === 'chain') return false;
    const { provider, rescues } = this.#world;
    const rescued = rescues.get(name)?.token.refresh_token.reveal();
    if (rescued !== undefined && provider.isAlive(rescued)) return false;
    return !this.#world.refreshTokenVersions(name).some(({ content }) => {
      const { refresh_token } = JSON.parse(content) as { refresh_token: string };
      return provider.isAlive(refresh_token);
    });
  }

  /** Judges what readers find now, and who has not come back. */
  look(startedAt: number): void {
    const now = this.#world.clock.now();
    const minute = Math.round((now - startedAt) / MINUTE_MS);
    for (const member of this.#members) {
      this.#judgeReader(member, now, minute);
    }
    for (const trouble of this.#troubles) {
      const wellAt = trouble.overAt + mendedAfterMs(trouble);
      if (now >= wellAt && now < wellAt + MINUTE_MS) this.#judgeReturn(trouble, now);
    }
  }

  /** Who does not stand well at the end, though nothing is in its way. */
  end(): void {
    const now = this.#world.clock.now();
    for (const member of this.#members) {
      const { lastOutcome, failingSince = now } = this.#world.state.items.get(member.name) ?? {};
      if (lastOutcome === 'refreshed' || this.isDead(member) || now - failingSince < 30 * MINUTE_MS) continue;
      const endedAt = this.#world.provider.accessTokenEndsAt(member.name);
      if (member.kind === 'refuses-early' && now < endedAt + mendedMs(member)) continue;
      this.notBack.push(`${member.name} (${member.kind}) stands at ${lastOutcome} at the end`);
    }
  }

  #judgeReader(member: Member, now: number, minute: number): void {
    const { name, lifetimeSeconds, provider, kind } = member;
    if ((this.#world.latestToken(name)?.expires_at ?? 0) * 1000 > now) return;
    if (this.#isTooEarly(member, now)) {
      // The token went with an answer that was lost, and its provider gives no other yet. What it refuses without
      // a sure reason is tried again within the hour.
      this.#excusedUntil.set(name, now + MENDED_AFTER_DAY_MS);
    }
    const item = this.#world.state.items.get(name);
    const { obtainedAt = 0, attempt, leaseOwner, unansweredSends } = item ?? {};
    if (unansweredSends !== undefined || (attempt !== undefined && leaseOwner === undefined)) {
      // The first promise goes before the second: what may have been spent is not sent before its wait is over.
      this.expiredInWaits += 1;
      this.#excusedUntil.set(name, now + MENDED_MS);
      return;
    }
    const restoredAt = this.#restoredAt.get(name) ?? 0;
    const isMisled = kind === 'sticky' ? now < restoredAt + lifetimeSeconds * 1000 : obtainedAt < restoredAt;
    if (isMisled && (kind === 'refuses-early' || kind === 'sticky')) {
      this.expiredAfterRestore += 1;
      return;
    }
    if (this.isDead(member)) {
      this.#judgeLoss(name);
      this.ended.add(name);
      this.#excusedUntil.set(name, now + MENDED_MS);
    }
    if ((this.#excusedUntil.get(name) ?? 0) > now || this.#wasKilledTooOften(member)) {
      this.expiredOutOfReach += 1;
      return;
    }
    const excuse = this.#troubles.find(
      (trouble) =>
        (trouble.provider === undefined || trouble.provider === provider) &&
        now >= trouble.from &&
        now <
          trouble.overAt +
            Math.max(mendedMs(member), mendedAfterMs(trouble)) +
            this.#setBack(member, trouble) &&
        bearsSeconds(member) - this.#lostSeconds(name, trouble) <
          (trouble.overAt - trouble.from) / 1000 + SAFE_SECONDS,
    );
    if (excuse) this.expiredInTroubles += 1;
    else this.unexcused.push(`${name} (${kind}, lifetime ${lifetimeSeconds} s) expired at minute ${minute}`);
  }

  #judgeReturn({ name: what, until, provider }: Trouble, now: number): void {
    for (const member of this.#members) {
      if (provider !== undefined && member.provider !== provider) continue;
      const item = this.#world.state.items.get(member.name);
      const { lastOutcome, failingSince = now, lastErrorCode } = item ?? {};
      if (lastOutcome === 'refreshed' || failingSince > until || this.isDead(member)) continue;
      if (this.#mishapsSince(member.name, until) > 0) continue;
      // Somebody has just signed in.
      if ((this.#excusedUntil.get(member.name) ?? 0) > now) continue;
      // It was refused for hours, and is tried again within the hour: judged at the end.
      if (member.kind === 'refuses-early') continue;
      this.notBack.push(`${member.name} (${member.kind}) after ${what}: ${lastOutcome}, ${lastErrorCode}`);
    }
  }

  /** Who lived and had the answer has stored what it brought. */
  #judgeLoss(name: string): void {
    const last = this.#last.get(name);
    if (!last?.hasAnswer || last.sender.killed) return;
    const successor = this.#world.provider.successors.get(last.token);
    if (successor !== undefined && !this.#isStored(name, successor)) this.lost.push(name);
  }

  /** Who has a mishap while it mends begins to mend anew. */
  #setBack(member: Member, { until }: Trouble): number {
    return this.#mishapsSince(member.name, until) > 0 ? mendedMs(member) : 0;
  }

  /** Who had a mishap just before a trouble was still to mend when that came, and bears so much less of it. */
  #lostSeconds(name: string, { from }: Trouble): number {
    return this.#mishapsSince(name, from - MISHAPS_MS) > 0 ? MENDED_MS / 1000 : 0;
  }

  #mishapsSince(name: string, since: number): number {
    return (this.#mishaps.get(name) ?? []).filter((at) => at > since).length;
  }

  /** Its refreshes were killed as often as they could be tried while its provider gave another token. */
  #wasKilledTooOften(member: Member): boolean {
    const bears = bearsSeconds(member);
    const endedAt = (this.#world.latestToken(member.name)?.expires_at ?? 0) * 1000;
    const lost = this.#mishapsSince(member.name, endedAt - bears * 1000) * KILLED_SECONDS;
    // Who gives the same token for so long is found out by halves.
    return lost > bears / (member.kind === 'sticky' ? 2 : 1);
  }

  /** Its provider refuses it for good reason. */
  #isTooEarly({ name, kind }: Member, now: number): boolean {
    return (
      kind === 'refuses-early' && this.#world.provider.accessTokenEndsAt(name) - now > REFUSED_EARLIER_MS
    );
  }

  #isStored(name: string, token: string): boolean {
    const { rescues } = this.#world;
    if (rescues.get(name)?.token.refresh_token.reveal() === token) return true;
    return this.#world.refreshTokenVersions(name).some(({ content }) => content.includes(`"${token}"`));
  }
}

/** The same after a trouble: what is tried each hour after so long is well an hour after it. */
function mendedAfterMs({ from, until }: Trouble): number {
  return until - from > 4 * 60 * MINUTE_MS ? MENDED_AFTER_DAY_MS : MENDED_MS;
}

/** How long it may take to be well: what was refused for hours without a sure reason is tried within the hour. */
function mendedMs({ kind }: Member): number {
  return kind === 'refuses-early' ? MENDED_AFTER_DAY_MS : MENDED_MS;
}

/** For how long before the expiry a new token can be had. */
function bearsSeconds({ kind, lifetimeSeconds }: Member): number {
  const isLate = kind === 'sticky' || kind === 'refuses-early';
  return Math.min(marginSeconds(lifetimeSeconds), isLate ? REFUSED_EARLIER_MS / 1000 : Infinity);
}
