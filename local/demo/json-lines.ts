import { inert } from '../../functions/text/inert.ts';

/** What `--json` tells of. */
export type JsonEventType =
  | 'placed'
  | 'started'
  | 'refreshed'
  | 'refresh-failed'
  | 'needs-attention'
  | 'recovered'
  | 'refresh-token-expiring'
  | 'token-moved'
  | 'read-rejected'
  | 'expired-read'
  | 'read-failed'
  | 'tick-failed'
  | 'call-refused'
  | 'lookup-refused'
  | 'scene'
  | 'permissions'
  | 'summary';

/** One event; nothing secret belongs into it. */
export interface JsonEvent {
  readonly type: JsonEventType;
  /** Absent when the event is about the whole system. */
  readonly connection?: string;
  readonly [detail: string]: unknown;
}

/** One event as one line, with a newline: `at` in ISO 8601 and the type first. `at` in epoch milliseconds. */
export function jsonLine(event: JsonEvent, at: number): string {
  return `${inert(JSON.stringify({ at: new Date(at).toISOString(), ...event }))}\n`;
}

const TYPE_OF_DETAIL: Readonly<Record<string, JsonEventType>> = {
  'Token Refreshed': 'refreshed',
  'Refresh Failed': 'refresh-failed',
  'Connection Needs Attention': 'needs-attention',
  'Connection Recovered': 'recovered',
  'Refresh Token Expiring': 'refresh-token-expiring',
  'Token Moved': 'token-moved',
};

/** The event of an EventBridge detail-type; `undefined` for one that is not Evertoken's. */
export function typeOfDetail(detailType: string): JsonEventType | undefined {
  return Object.hasOwn(TYPE_OF_DETAIL, detailType) ? TYPE_OF_DETAIL[detailType] : undefined;
}
