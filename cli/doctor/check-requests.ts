import type { Deployment } from '../deployment.ts';
import { refusedRequestWords } from '../text/refused-request-text.ts';
import { type Finding, trouble } from './finding.ts';

/** Whether a request by event was refused within a day. @throws StoreError */
export async function checkRequests({
  state,
  clock,
}: Pick<Deployment, 'state' | 'clock'>): Promise<Finding[]> {
  const words = refusedRequestWords(await state.refusedRequest(), clock.now());
  return words === undefined ? [] : [trouble('warning', 'requests', words.message, words.remedy)];
}
