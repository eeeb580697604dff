/** A server may ask for any wait; more than an hour would let tokens expire for its typing error. */
export const MAX_RETRY_AFTER_MS = 3_600_000;

const IMF_FIXDATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const RFC_850 = /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/;
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/**
 * Reads Retry-After: seconds, or any of the three forms of an HTTP date (RFC 9110 sections 10.2.3, 5.6.7).
 * @param now epoch milliseconds
 * @returns milliseconds from `now`, 0 to one hour; `undefined` when absent or unreadable
 */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : httpDate(text) - now;
  if (Number.isNaN(waitMs)) return undefined;
  return Math.min(Math.max(waitMs, 0), MAX_RETRY_AFTER_MS);
}

/** Epoch milliseconds, or NaN. */
function httpDate(text: string): number {
  if (IMF_FIXDATE.test(text) || RFC_850.test(text)) return Date.parse(text);
  // asctime names no zone and means GMT.
  return ASCTIME.test(text) ? Date.parse(`${text} GMT`) : Number.NaN;
}
