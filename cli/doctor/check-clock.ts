import type { SSMClient } from '@aws-sdk/client-ssm';
import type { Clock } from '../../functions/refresh/ports/outside.ts';
import { durationText } from '../../functions/text/times.ts';
import { type Finding, fine, trouble } from './finding.ts';

/** AWS refuses signatures that are five minutes off; what "status" shows is off before. */
const TOLERATED_MS = 30_000;

/**
 * Watches the answers of a client for the time at AWS. Call the result afterwards: by how much this machine
 * is ahead, in milliseconds, or `undefined` when no answer told.
 */
export function watchClock(client: SSMClient, clock: Pick<Clock, 'now'>): () => number | undefined {
  let aheadMs: number | undefined;
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { headers } = result.response as { readonly headers?: Readonly<Record<string, string>> };
      const serverNow = Date.parse(headers?.['date'] ?? '');
      if (!Number.isNaN(serverNow)) aheadMs = clock.now() - serverNow;
      return result;
    },
    { step: 'deserialize', name: 'watchClock' },
  );
  return () => aheadMs;
}

export function checkClock(aheadMs: number | undefined): Finding[] {
  if (aheadMs === undefined) return [];
  if (Math.abs(aheadMs) <= TOLERATED_MS) return [fine('clock', 'agrees with AWS')];
  const direction = aheadMs > 0 ? 'ahead of' : 'behind';
  return [
    trouble(
      'warning',
      'clock',
      `The clock of this machine is ${durationText(Math.abs(aheadMs))} ${direction} that of AWS.`,
      'Set it by a time server; until then what "status" says of expiry is wrong by as much.',
    ),
  ];
}
