import type { JsonEvent } from './json-lines.ts';
import { clockText } from './view.ts';

/** One event in one line for a person. `at` in epoch milliseconds. */
export function eventText(event: JsonEvent, at: number): string {
  const words = event.type.replaceAll('-', ' ');
  const details = [event['code'], event['detail']].filter((detail) => typeof detail === 'string');
  const until =
    event.type === 'refreshed' && typeof event['expiresAt'] === 'string'
      ? `, good until ${clockText(Date.parse(event['expiresAt']))}`
      : '';
  const about = event.connection === undefined ? '' : `${event.connection} `;
  return `${clockText(at)} ${about}${words}${until}${details.length > 0 ? `: ${details.join(', ')}` : ''}`;
}
