import { pulseProblem } from '../../functions/refresh/rules/pulse.ts';
import { instantText } from '../../functions/text/times.ts';
import type { Deployment } from '../deployment.ts';
import { type Finding, fine, trouble } from './finding.ts';

const SUBJECT = 'ticks';

/** Whether ticks come, without which nothing is refreshed however well each connection stands. */
export async function checkTicks({
  state,
  clock,
  namespace,
}: Pick<Deployment, 'state' | 'clock' | 'namespace'>): Promise<Finding[]> {
  const tick = await state.lastTick();
  const problem = pulseProblem(tick, clock.now(), namespace);
  if (problem) return [trouble('error', SUBJECT, problem.message, problem.remedy)];
  return tick ? [fine(SUBJECT, `the last one ended at ${instantText(tick.endedAt)}`)] : [];
}
