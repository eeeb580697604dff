import type { TickRecord } from '../../functions/refresh/ports/state-table.ts';
import { pulseProblem } from '../../functions/refresh/rules/pulse.ts';
import { inertStart } from '../../functions/text/inert.ts';
import { durationText } from '../../functions/text/times.ts';

/** What there is to say of the ticks of a deployment. */
export interface Pulse {
  /** Whether a person must see to it that they come. */
  readonly needed: boolean;
  readonly text: string;
}

/** When the last tick ended and what it did, or what to do when none comes. `now` in epoch milliseconds. */
export function pulseOf(tick: TickRecord | undefined, now: number, namespace: string): Pulse {
  const problem = pulseProblem(tick, now, namespace);
  if (problem !== undefined) {
    return { needed: true, text: `${inertStart(problem.message)}\n  To do: ${inertStart(problem.remedy)}` };
  }
  if (tick === undefined) return { needed: false, text: '' };
  const { endedAt, due, refreshed, failed, left } = tick;
  const counts = [
    `${due} due`,
    `${refreshed} refreshed`,
    `${failed} failed`,
    ...(left > 0 ? [`${left} left`] : []),
  ];
  return {
    needed: false,
    text: `Last tick ended ${durationText(Math.max(0, now - endedAt))} ago: ${counts.join(', ')}.`,
  };
}
