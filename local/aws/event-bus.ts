import { z } from 'zod';
import { arn, type Identity } from './caller-identity.ts';
import { AwsError } from './wire/error-answer.ts';
import { jsonOperation, jsonService } from './wire/json-service.ts';
import type { Service } from './wire/message.ts';

/** Since January 2026; it was 256 KB before. */
const REQUEST_BYTES = 1_048_576;
const TIME_BYTES = 14;

/** An event as a rule's target receives it. */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601, to the second. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

export type EventContent = Pick<BusEvent, 'detail-type' | 'source' | 'resources' | 'detail'>;

// What AWS judges entry by entry is optional here.
const EntrySchema = z.strictObject({
  Source: z.string().optional(),
  DetailType: z.string().optional(),
  Detail: z.string().optional(),
  Time: z.number().optional(),
  Resources: z.array(z.string()).optional(),
  EventBusName: z.string().min(1).max(1600).optional(),
  TraceHeader: z.string().min(1).max(500).optional(),
});
type Entry = z.infer<typeof EntrySchema>;

/** Puts the envelope around an event. @param at epoch milliseconds */
export function busEvent(identity: Identity, content: EventContent, at: number): BusEvent {
  return {
    version: '0',
    id: identity.random.uuid(),
    account: identity.accountId,
    region: identity.region,
    time: new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    ...content,
  };
}

/**
 * An event that another account forwards to this bus by a rule of its own, which a policy of the bus must allow: it
 * keeps the account that it happened in. A policy may let through events of AWS too. @param at epoch milliseconds
 */
export function forwardedEvent(
  identity: Identity,
  account: string,
  content: EventContent,
  at: number,
): BusEvent {
  return { ...busEvent(identity, content, at), account };
}

/** EventBridge's PutEvents for the default bus; `deliver` receives each accepted event. */
export function eventBus(identity: Identity, deliver: (event: BusEvent) => void): Service {
  const PutEvents = jsonOperation({
    input: z.strictObject({ Entries: z.array(EntrySchema).min(1).max(10) }),
    run: ({ Entries }) => {
      if (Entries.reduce((bytes, entry) => bytes + sizeOf(entry), 0) >= REQUEST_BYTES) {
        throw new AwsError(
          'ValidationException',
          'Total size of the entries in the request is over the limit.',
        );
      }
      const results = Entries.map((entry) => {
        const judged = judge(identity, entry);
        if ('ErrorCode' in judged) return judged;
        deliver(judged);
        return { EventId: judged.id };
      });
      return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
    },
  });

  return jsonService({
    name: 'events',
    targetPrefix: 'AWSEvents',
    messageMember: 'message',
    resourceMembers: [],
    save: async () => undefined,
    operations: { PutEvents },
  });
}

interface EntryError {
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

function judge(identity: Identity, entry: Entry): BusEvent | EntryError {
  const { Source, DetailType, Detail, EventBusName: bus = 'default' } = entry;
  const refuse = (ErrorCode: string, ErrorMessage: string): EntryError => ({ ErrorCode, ErrorMessage });
  const required = (member: string) =>
    refuse('InvalidArgument', `Parameter ${member} is not valid. Reason: ${member} is a required argument.`);
  if (!Source) return required('Source');
  if (!DetailType) return required('DetailType');
  if (!Detail) return required('Detail');
  if (DetailType.length > 128) return refuse('InvalidArgument', 'DetailType is longer than 128 characters.');
  if (Source.startsWith('aws.')) {
    return refuse('NotAuthorizedForSourceException', 'Not authorized for the source.');
  }
  if (bus !== 'default' && bus !== arn(identity, 'events', 'event-bus/default')) {
    return refuse('ResourceNotFoundException', `Event bus ${bus} does not exist.`);
  }
  const detail = parseDetail(Detail);
  if (!detail) return refuse('MalformedDetail', 'Detail is malformed.');
  const at = entry.Time === undefined ? identity.clock.now() : entry.Time * 1000;
  const content = { 'detail-type': DetailType, source: Source, resources: entry.Resources ?? [], detail };
  return busEvent(identity, content, at);
}

/** `undefined` when it is not a JSON object. */
function parseDetail(text: string): Record<string, unknown> | undefined {
  try {
    const detail: unknown = JSON.parse(text);
    const isObject = typeof detail === 'object' && detail !== null && !Array.isArray(detail);
    return isObject ? (detail as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** As AWS counts an entry. */
function sizeOf({ Time, Source, DetailType, Detail, Resources }: Entry): number {
  const texts = [Source ?? '', DetailType ?? '', Detail ?? '', ...(Resources ?? [])];
  return texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), Time === undefined ? 0 : TIME_BYTES);
}
