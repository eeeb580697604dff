import * as z from 'zod';
import { parseJson } from '../oauth/response/response-body.ts';
import type { Trigger } from '../refresh/ports/history.ts';
import type { RefusalOfRequest } from '../refresh/ports/state-table.ts';
import type { RequestOrigin } from '../refresh/request-gate.ts';
import { EventError } from './event-error.ts';
import { rotationRequest, type WantedRotation } from './rotation-request.ts';

const AT_MOST = 100;
const MOST_OF_SOURCE = 64;
const connections = z.array(z.string().min(1)).min(1).max(AT_MOST);

const invoked = z.strictObject({ connections, force: z.boolean().default(false) });
/** EventBridge itself says which account an event comes from; what is sent past it says nothing. */
const requested = z.object({
  'detail-type': z.literal('Refresh Requested'),
  account: z.string(),
  source: z.string().default(''),
  detail: z.unknown(),
});
const requestedDetail = z.object({ namespace: z.string(), connections, force: z.boolean().default(false) });
const parameterChanged = z.object({
  'detail-type': z.literal('Parameter Store Change'),
  account: z.string().optional(),
  source: z.string().default(''),
  detail: z.object({ name: z.string(), operation: z.string() }),
});

/** Messages of the deployment's own queue, which its functions alone may write to. */
const woken = z.object({
  Records: z.array(z.object({ eventSource: z.literal('aws:sqs'), body: z.string() })).min(1),
});
const wakeUp = z.object({ connection: z.string().min(1) });

/** What a caller of `refresh-now` wants. */
export type RefreshNowEvent =
  | {
      readonly kind: 'refresh';
      readonly connections: readonly string[];
      readonly force: boolean;
      readonly trigger: Trigger;
    }
  /** The same, asked for by an event. */
  | {
      readonly kind: 'requested';
      readonly connections: readonly string[];
      readonly force: boolean;
      readonly origin: RequestOrigin;
    }
  /** An event asks for what it may not, or in words that no request has. */
  | { readonly kind: 'refused'; readonly reason: RefusalOfRequest; readonly origin: RequestOrigin }
  /** The declaration of this connection was written: register it; the tick refreshes. */
  | { readonly kind: 'register'; readonly connection: string }
  /** Meant for another namespace, or nothing to do. */
  | { readonly kind: 'ignore' };

/**
 * Reads an event: a direct invocation `{"connections": ["crm"], "force": false}`, messages of the queue of wake-ups, an EventBridge event
 * `Refresh Requested`, or a change of a declared connection in Parameter Store. Events of another account are
 * refused, also when no rule kept them away.
 * @param accountId the account that the function is in; `undefined`, when it is not known, honours no event
 * @throws EventError
 */
export function readRefreshNowEvent(
  event: unknown,
  namespace: string,
  accountId: string | undefined,
): RefreshNowEvent {
  const changed = parameterChanged.safeParse(event);
  if (changed.success) {
    const { account = accountId, source, detail } = changed.data;
    const wanted = ofParameter(detail, namespace);
    return account === accountId || wanted.kind === 'ignore'
      ? wanted
      : { kind: 'refused', reason: 'other-account', origin: originOf({ account: account ?? '', source }) };
  }
  const messages = woken.safeParse(event);
  if (messages.success) return ofMessages(messages.data);
  const asked = requested.safeParse(event);
  if (asked.success) return ofRequest(asked.data, namespace, accountId);
  const direct = invoked.safeParse(event);
  if (direct.success) return { kind: 'refresh', ...direct.data, trigger: 'request' };
  const problem = direct.error.issues[0];
  throw new EventError(
    `expected {"connections": [1 to ${AT_MOST} names], "force": true or false}: ` +
      `${problem?.path.join('.') || 'the event'}: ${problem?.message ?? 'is invalid'}`,
  );
}

/** Whoever is due. A message that says something else is passed over: it would only come again. */
function ofMessages({ Records }: z.infer<typeof woken>): RefreshNowEvent {
  const names = Records.flatMap(({ body }) => {
    const message = wakeUp.safeParse(parseJson(body)?.value);
    return message.success ? [message.data.connection] : [];
  });
  return names.length === 0
    ? { kind: 'ignore' }
    : { kind: 'refresh', connections: names, force: false, trigger: 'wake-up' };
}

function ofRequest(
  request: z.infer<typeof requested>,
  namespace: string,
  accountId: string | undefined,
): RefreshNowEvent {
  const said = (request.detail ?? {}) as { readonly namespace?: unknown; readonly connections?: unknown };
  if (typeof said.namespace === 'string' && said.namespace !== namespace) return { kind: 'ignore' };
  const origin = originOf(request);
  const refused = (reason: RefusalOfRequest) => ({ kind: 'refused', reason, origin }) as const;
  if (request.account !== accountId) return refused('other-account');
  const parsed = requestedDetail.safeParse(said);
  if (parsed.success) {
    const { connections, force } = parsed.data;
    return { kind: 'requested', connections, force, origin };
  }
  const isLong = Array.isArray(said.connections) && said.connections.length > AT_MOST;
  return refused(isLong ? 'too-many-names' : 'malformed');
}

/** The account is EventBridge's word, the source whatever the sender liked: of it what can act is left out. */
function originOf({ account, source }: RequestOrigin): RequestOrigin {
  return {
    account: /^\d{12}$/.test(account) ? account : '',
    source: source.slice(0, MOST_OF_SOURCE).replace(/[^\w.:/@-]/g, '?'),
  };
}

function ofParameter(
  { name, operation }: { readonly name: string; readonly operation: string },
  namespace: string,
): RefreshNowEvent {
  const prefix = `/${namespace}/connections/`;
  const isWritten = operation === 'Create' || operation === 'Update';
  return isWritten && name.startsWith(prefix)
    ? { kind: 'register', connection: name.slice(prefix.length) }
    : { kind: 'ignore' };
}

const rotationEvent = z.object({
  Step: z.enum(['createSecret', 'setSecret', 'testSecret', 'finishSecret']),
  SecretId: z.string().min(1),
  ClientRequestToken: z.string().min(32).max(64),
});

/**
 * Reads what Secrets Manager sends to a rotation function. The connection is known by the name of the secret,
 * `<namespace>/tokens/<name>`.
 * @throws EventError
 */
export function readRotationEvent(event: unknown, namespace: string): WantedRotation {
  const parsed = rotationEvent.safeParse(event);
  if (!parsed.success) {
    const problem = parsed.error.issues[0];
    throw new EventError(
      `expected an event of a Secrets Manager rotation: ${problem?.path.join('.') || 'the event'}: ${problem?.message}`,
    );
  }
  return rotationRequest(parsed.data, namespace);
}
