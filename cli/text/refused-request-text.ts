import type { RefusalOfRequest, RefusedRequest } from '../../functions/refresh/ports/state-table.ts';
import { REQUEST_BUDGET } from '../../functions/refresh/request-gate.ts';
import { inert } from '../../functions/text/inert.ts';
import { durationText } from '../../functions/text/times.ts';

/** A refusal is told of for a day: what was mended since would be told of for ever. */
const TOLD_MS = 86_400_000;

interface Words {
  readonly why: string;
  readonly remedy: string;
}

const WORDS: Readonly<Record<RefusalOfRequest, Words>> = {
  'other-account': {
    why: 'it came from another account',
    remedy:
      'Requests of this account alone are honoured. Have one of its services ask, and see in the policy of the event bus why the other account may put events there.',
  },
  malformed: {
    why: 'its detail is none of a request',
    remedy:
      'Send the detail {"namespace", "connections": [1 to 100 names], "force": true or false}; "force" may be left out.',
  },
  'too-many-names': {
    why: 'it named more than 100 connections',
    remedy: 'Name 100 connections in one event at most.',
  },
  'too-many-requests': {
    why: `events named more than ${REQUEST_BUDGET.names} connections within a minute`,
    remedy:
      'Find out who asks so often: tokens are kept fresh without it. For all connections at once there is "evertoken refresh --all".',
  },
  'unknown-connection': {
    why: 'it named a connection that is not registered',
    remedy: 'Compare the names that it sends with those of "evertoken status".',
  },
  'forced-too-often': {
    why: 'it forced a refresh for which the scheduled ones leave no version of the secret',
    remedy: 'Read the token that is there: it is kept fresh. Forcing is for a token that was revoked.',
  },
};

/**
 * When the last request by event was refused, why and from where, and what to do; `undefined` when none was within
 * a day. `now` in epoch milliseconds.
 */
export function refusedRequestWords(
  refused: RefusedRequest | undefined,
  now: number,
): { readonly message: string; readonly remedy: string } | undefined {
  if (refused === undefined || now - refused.at > TOLD_MS) return undefined;
  const { at, reason, account, source } = refused;
  // A later version may know more reasons.
  const { why, remedy }: Words = Object.hasOwn(WORDS, reason)
    ? WORDS[reason]
    : { why: inert(reason), remedy: 'Look into the log of refresh-now.' };
  const from = `account ${inert(account) || 'unknown'}, source "${inert(source)}"`;
  const ago = durationText(Math.max(0, now - at));
  return { message: `The last request by event was refused ${ago} ago: ${why} (${from}).`, remedy };
}
