import { AssemblyError } from './template.ts';

/** An event pattern of EventBridge: arrays of alternatives at its leaves. */
export type EventPattern = Readonly<Record<string, unknown>>;

type Json = Readonly<Record<string, unknown>>;

/**
 * Whether an event matches: every member of the pattern must, by one of its alternatives, which is a text
 * or `{"prefix": text}`.
 * @throws AssemblyError for any other alternative, whether or not the event gets that far
 */
export function matchesPattern(pattern: EventPattern, event: unknown): boolean {
  const found = (typeof event === 'object' && event !== null ? event : {}) as Json;
  return Object.entries(pattern)
    .map(([member, wanted]) =>
      Array.isArray(wanted)
        ? wanted.map((one) => matchesOne(one, found[member])).some(Boolean)
        : matchesPattern(nested(member, wanted), found[member]),
    )
    .every(Boolean);
}

function nested(member: string, wanted: unknown): EventPattern {
  if (typeof wanted === 'object' && wanted !== null) return wanted as EventPattern;
  throw new AssemblyError(`event pattern: "${member}" must be an array or an object`);
}

function matchesOne(wanted: unknown, found: unknown): boolean {
  if (typeof wanted === 'string') return found === wanted;
  const [[operator, text] = ['', undefined], ...others] = Object.entries((wanted ?? {}) as Json);
  if (operator !== 'prefix' || typeof text !== 'string' || others.length > 0) {
    throw new AssemblyError(`event pattern: local mode does not know ${JSON.stringify(wanted)}`);
  }
  return typeof found === 'string' && found.startsWith(text);
}
