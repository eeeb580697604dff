import type { PutEventsRequestEntry, PutEventsResultEntry } from '@aws-sdk/client-eventbridge';
import type { StoreError } from '../refresh/ports/stores.ts';
import { sendOptions, storeCall } from './aws-error.ts';
import type { ClientsOnDemand } from './clients-on-demand.ts';

/** The most entries that PutEvents takes at once. */
export const MOST_ENTRIES = 10;
/** The most bytes of all entries together: less than 1 MB. Some Regions take less, and say so. */
export const MOST_BYTES = 1_048_575;

const TIME_BYTES = 14;
/** Entries that EventBridge would take at another moment. */
const OF_THE_MOMENT = /throttl|internal|unavailable|concurrent|toomany|slowdown|timeout/i;
/** The call as it was made is refused, and not whoever made it. */
const OF_THE_CONTENT: ReadonlySet<string> = new Set(['SerializationException', 'ValidationException']);

/** What became of an entry. `again`: it may be sent again; `alone`: in a call of its own. */
export type EntryFate = 'taken' | 'again' | 'alone' | 'refused';

/** What became of a call. */
export interface PutAnswer {
  /** One for each entry. */
  readonly fates: readonly EntryFate[];
  /** Why not all were taken. */
  readonly reason?: string;
  /** No call will be taken before somebody changes a permission. */
  readonly isDenied?: true;
}

/** Puts entries on the account's default bus, in one call. Never throws; after `signal` it waits for no answer. */
export async function putEvents(
  clients: Pick<ClientsOnDemand, 'eventBridge'>,
  entries: readonly PutEventsRequestEntry[],
  signal: AbortSignal,
): Promise<PutAnswer> {
  const all = (fate: EntryFate) => entries.map(() => fate);
  try {
    const call = storeCall('PutEvents', async () => {
      const calls = await clients.eventBridge();
      return calls.putEvents({ Entries: [...entries] }, sendOptions({ signal }));
    });
    const { Entries = [] } = await unlessAborted(call, signal);
    const reason = Entries.find(({ ErrorCode }) => ErrorCode !== undefined)?.ErrorCode;
    const fates = entries.map((_, index) => fateOf(Entries[index]));
    return { fates, ...(reason !== undefined && { reason }) };
  } catch (error) {
    const { kind, code, message: reason } = error as StoreError;
    if (kind === 'transient') return { fates: all('again'), reason };
    if (!OF_THE_CONTENT.has(code)) return { fates: all('again'), reason, isDenied: true };
    return { fates: all(entries.length > 1 ? 'alone' : 'refused'), reason };
  }
}

/** Bytes of an entry, as AWS counts them. */
export function sizeOf({ Time, Source = '', DetailType = '', Detail = '' }: PutEventsRequestEntry): number {
  const texts = [Source, DetailType, Detail];
  return texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), Time === undefined ? 0 : TIME_BYTES);
}

function fateOf(result: PutEventsResultEntry | undefined): EntryFate {
  if (result === undefined) return 'again';
  if (result.ErrorCode === undefined) return 'taken';
  return OF_THE_MOMENT.test(result.ErrorCode) ? 'again' : 'refused';
}

/** The SDK hears of `signal` while a call is under way, and not while it waits between two tries. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return storeCall('PutEvents', async () => {
    signal.throwIfAborted();
    const { promise, reject } = Promise.withResolvers<never>();
    const give = () => reject(signal.reason);
    signal.addEventListener('abort', give, { once: true });
    try {
      return await Promise.race([work, promise]);
    } finally {
      signal.removeEventListener('abort', give);
      work.catch(() => undefined);
    }
  });
}
