import type { Listing } from './ports/state-table.ts';
import {
  type DeclaredConnection,
  type DeclaredConnections,
  type DeclaredPage,
  StoreError,
} from './ports/stores.ts';
import type { RefreshPorts } from './refresh-run.ts';
import type { RegisteredNames } from './registered-names.ts';

const HOUR_MS = 3_600_000;
/** A listing that was cut off is taken up by the next run, and by the one after that where it does not come. */
const MOST_AGE_MS = 2.5 * HOUR_MS;
/** Beyond so many, which AWS lists for nothing, all are listed each second hour, each third, and so on. */
const LISTED_HOURLY = 10_000;
/** An hourly run begins that much sooner or later. */
const SLACK_MS = 300_000;
/** Writing down how far it came, and telling what it did, takes no longer. */
const KEPT_MS = 20_000;
const FIRST_WAIT_MS = 500;
const MOST_WAIT_MS = 10_000;
/** Failures in a row of one page, about a minute of them. */
const MOST_FAILURES = 10;

export interface ListingPorts extends Pick<RefreshPorts, 'clock' | 'random' | 'state' | 'log'> {
  readonly declared: DeclaredConnections;
  /** Spaces reads of Parameter Store. */
  readonly readPace: { turn(): Promise<unknown> };
}

/** Whether all declarations are to be listed by a run that comes by the hour. `now` in epoch milliseconds. */
export function isListingDue(last: Listing | undefined, now: number): boolean {
  if (last === undefined || last.next !== undefined) return true;
  const hours = Math.max(1, Math.ceil(last.declared / LISTED_HOURLY));
  return now >= last.startedAt + hours * HOUR_MS - SLACK_MS;
}

/** Whether there is time left for more. `endsAt`: when the function is killed, epoch milliseconds. */
export const isTimeLeft = ({ clock }: Pick<ListingPorts, 'clock'>, endsAt: number): boolean =>
  clock.now() < endsAt - KEPT_MS;

/**
 * Gives every declared connection to `take`, page by page at the pace of reads, and notes in `names` who was come to.
 * Goes on where the last listing was cut off, and writes down how far it came when its own time ends.
 * @returns whether it came to the end
 * @throws StoreError when a page stays refused; what was come to before that is kept
 */
export async function listDeclared(
  ports: ListingPorts,
  names: RegisteredNames,
  { last, endsAt }: { readonly last: Listing | undefined; readonly endsAt: number },
  take: (connections: readonly DeclaredConnection[]) => Promise<void>,
): Promise<boolean> {
  const { clock, state, log } = ports;
  const resumed = isResumable(last, clock.now()) ? last : undefined;
  let startedAt = resumed?.startedAt ?? clock.now();
  let next = resumed?.next;
  if (resumed?.seen) names.seeBytes(resumed.seen);
  let isBegunAnew = false;
  const keep = () => {
    const listing = { startedAt, keptAt: clock.now(), declared: names.seen };
    return state.keepListing(next === undefined ? listing : { ...listing, next, seen: names.toBytes() });
  };
  try {
    for (;;) {
      if (!isTimeLeft(ports, endsAt)) break;
      const page = await pageAfter(next, ports, endsAt);
      if (page === undefined) {
        if (isBegunAnew)
          throw new StoreError('transient', 'ListingLost', 'the listing of declarations was lost twice');
        log.info('the listing of declarations begins anew', { declared: names.seen });
        isBegunAnew = true;
        [startedAt, next] = [clock.now(), undefined];
        names.forgetSeen();
        continue;
      }
      await take(page.connections);
      for (const { name } of page.connections) names.see(name);
      next = page.next;
      if (next === undefined) {
        await keep();
        return true;
      }
    }
  } catch (error) {
    if (next !== undefined) await keep();
    throw error;
  }
  if (next !== undefined) await keep();
  log.info('the listing of declarations goes on with the next run', { declared: names.seen });
  return false;
}

const isResumable = (last: Listing | undefined, now: number): boolean =>
  last?.next !== undefined && last.keptAt > now - MOST_AGE_MS;

/** Waits while Parameter Store asks for less, and while it is away for a moment. */
async function pageAfter(
  next: string | undefined,
  ports: ListingPorts,
  endsAt: number,
): Promise<DeclaredPage | undefined> {
  const { clock, random, declared, readPace } = ports;
  for (let failures = 1; ; failures += 1) {
    await readPace.turn();
    try {
      return await declared.page(next);
    } catch (error) {
      const isPassing = error instanceof StoreError && error.kind === 'transient';
      if (!isPassing || failures === MOST_FAILURES || !isTimeLeft(ports, endsAt)) throw error;
      const waitMs = Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
      await clock.sleep(waitMs * (0.5 + random.fraction() / 2));
    }
  }
}
