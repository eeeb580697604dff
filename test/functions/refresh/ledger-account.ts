import type { AttemptLedger } from '../../../functions/refresh/attempt-ledger.ts';
import type { StateChange } from '../../../functions/refresh/connection-state.ts';

export const [OWN, EARLIER, ANEW, BROUGHT] = ['own', 'earlier', 'anew', 'brought'] as const;
export const [V1, V2] = ['v1', 'v2'] as const;

/** How a lease may find the state. */
export const STARTS = {
  'its own attempt': { attempt: OWN, refreshTokenVersionId: V1 },
  'an inherited attempt': { attempt: EARLIER, refreshTokenVersionId: V1, unansweredSends: 2 },
  'no named version': { attempt: OWN },
} as const;
export type Start = keyof typeof STARTS;

/** What a refresh is made of. */
export const CORE = [
  ...([
    'write down v1',
    'write down v2',
    'send v1',
    'send v2',
    'unanswered',
    'spentNothing',
    'refused',
  ] as const),
  ...(['inHand', 'persisted'] as const),
];
export const SELDOM = ['rescued', 'broughtNothing', 'minted', 'replaced', 'recovered', 'overtaken'] as const;
export type Operation = (typeof CORE)[number] | (typeof SELDOM)[number];

export const REFUSAL = { refusedRefreshTokenVersionId: V1, refusedUnder: 'x', refusedAt: 7, refusals: 1 };
export const versionOf = (operation: Operation) => (operation.endsWith('v1') ? V1 : V2);

interface Send {
  readonly versionId: string;
  readonly at: number;
  readonly sends: number;
}

/** What somebody knows who keeps count of the same calls, told in facts and not in phases. */
export class Account {
  attempt: string = OWN;
  isInherited: boolean;
  isInFlight = false;
  isUnanswered = false;
  isInHand = false;
  isOver = false;
  isRescued = false;
  /** What stands in the table and has not left. */
  ready: Send | undefined;
  last: Send | undefined;
  /** A send without an answer, on which the one that is ready or last is counted. */
  earlier: Send | undefined;
  named: string | undefined;
  isNamedAnew = false;
  refusal: Partial<Record<keyof typeof REFUSAL, unknown>> = {};
  hasWritten = false;

  constructor(start: Start) {
    this.isInherited = start === 'an inherited attempt';
    if (start !== 'no named version') this.named = V1;
    if (start === 'its own attempt') this.ready = { versionId: V1, at: 0, sends: 1 };
    if (this.isInherited) this.last = { versionId: V1, at: 0, sends: 2 };
  }

  get isOpen(): boolean {
    const isUnsettled = this.earlier !== undefined && !this.isOver;
    return this.isInherited || this.isInFlight || this.isInHand || isUnsettled;
  }

  /** `false` when it must not be. */
  note(operation: Operation, at: number): boolean {
    const versionId = versionOf(operation);
    if (operation.startsWith('write')) return this.#writeDown(versionId, at);
    if (operation.startsWith('send')) return this.#send(versionId, at);
    if (operation === 'unanswered') this.#leaveUnanswered(at);
    else if (operation === 'spentNothing') this.#spendNothing();
    else if (operation === 'refused') this.#refuse();
    else if (operation === 'inHand') this.#end({ isInHand: true, isOver: false });
    else if (operation === 'persisted') this.#store(this.attempt);
    else if (operation === 'replaced') this.#store(BROUGHT);
    else if (operation === 'rescued') this.isRescued = true;
    else if (operation === 'broughtNothing' && !this.isInherited) this.#end({ isOver: true });
    else if (operation === 'minted') this.#mint();
    else if (operation === 'recovered') this.#recover();
    else if (operation === 'overtaken') this.#settle();
    return true;
  }

  #writeDown(versionId: string, at: number): boolean {
    if (this.ready?.versionId === versionId) return true;
    if (this.isInHand || this.isOver) return false;
    const sends = this.last?.versionId === versionId ? this.last.sends + 1 : 1;
    this.earlier = sends > 1 ? this.last : undefined;
    if (this.isInherited) this.attempt = ANEW;
    this.#settle();
    this.ready = { versionId, at, sends };
    this.#name(versionId);
    return true;
  }

  #send(versionId: string, at: number): boolean {
    if (this.ready?.versionId !== versionId || this.isInherited || this.isInHand || this.isOver) return false;
    this.last = { ...this.ready, at };
    this.ready = undefined;
    this.isInFlight = true;
    return true;
  }

  #leaveUnanswered(at: number): void {
    this.isUnanswered = true;
    if (this.last && !this.isInherited) this.last = { ...this.last, at };
  }

  #spendNothing(): void {
    if (!this.isInFlight || this.isUnanswered) return;
    if (this.earlier) this.last = this.earlier;
    else this.#land();
  }

  #land(): void {
    if (!this.isInFlight || this.isUnanswered) return;
    this.isInFlight = false;
    this.ready ??= this.last;
    this.earlier = undefined;
  }

  #refuse(): void {
    if (this.isUnanswered) return;
    this.#land();
    this.refusal = REFUSAL;
  }

  #recover(): void {
    this.hasWritten = true;
    this.#name(EARLIER);
    this.#settle();
  }

  #mint(): void {
    this.#settle();
    this.#name(this.attempt, true);
  }

  #settle(): void {
    if (!this.isInherited) return;
    this.isInherited = false;
    this.last = undefined;
  }

  #store(versionId: string): void {
    this.#end({ isOver: true });
    this.#name(versionId, true);
  }

  #end(how: { isInHand?: boolean; isOver: boolean }): void {
    if (this.isInherited) this.last = undefined;
    Object.assign(this, { isInherited: false, isInFlight: false, isInHand: false, ...how });
  }

  #name(versionId: string, isStored = false): void {
    this.named = versionId;
    this.isNamedAnew = true;
    if (isStored) this.refusal = Object.fromEntries(Object.keys(REFUSAL).map((key) => [key, null]));
  }

  get change(): StateChange {
    const last = this.last ?? this.earlier;
    const open = { attempt: this.attempt, attemptAt: last?.at, unansweredSends: last?.sends };
    const isUntouched = this.isInherited || last === undefined;
    const closed = { attempt: null, attemptAt: null, unansweredSends: null };
    return {
      ...(!this.isOpen ? closed : isUntouched ? {} : open),
      ...(this.isNamedAnew && { refreshTokenVersionId: this.named }),
      ...this.refusal,
      ...(this.hasWritten && { writesByHour: { 0: 1 } }),
    } as StateChange;
  }
}

const CHANGED = [
  'attempt',
  'attemptAt',
  'unansweredSends',
  'refreshTokenVersionId',
  ...(Object.keys(REFUSAL) as (keyof typeof REFUSAL)[]),
] as const;

/** All that is visible of the one and the other, to compare. */
export function told(
  { attempt, isOpen, isRescued }: AttemptLedger | Account,
  change: StateChange,
  more: unknown[],
) {
  const changed = CHANGED.map((key) => String(change[key]));
  return [attempt, isOpen, isRescued, ...changed, 'writesByHour' in change, ...more].join(' ');
}
