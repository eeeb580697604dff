import { fleetFit, tooManySecretWrites } from '../../functions/connections/secret-writes.ts';
import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import { secretLoads } from '../connections/secret-load.ts';
import type { Deployment } from '../deployment.ts';
import { paceText, sentence } from '../text/pace-text.ts';
import { type Finding, fine, trouble } from './finding.ts';

const SUBJECT = 'pace';

/**
 * Whether the deployment's pace of secret writes keeps all tokens fresh, in the long run and when all are due at once,
 * and from how many connections on it would not; nothing where no secret is written.
 */
export async function checkSecretWrites(
  states: readonly ConnectionState[],
  { presets, secretWritesPerSecond: perSecond }: Pick<Deployment, 'presets' | 'secretWritesPerSecond'>,
): Promise<Finding[]> {
  const fit = fleetFit(await secretLoads(states, presets), perSecond);
  if (fit === undefined) return [];
  const tooMany = tooManySecretWrites(fit, perSecond);
  if (tooMany === undefined) return [fine(SUBJECT, paceText(fit, perSecond))];
  return [
    trouble(
      'warning',
      SUBJECT,
      sentence(tooMany.message),
      `${sentence(tooMany.remedy)} Where the deployment has another pace, set EVERTOKEN_SECRET_WRITES_PER_SECOND here.`,
    ),
  ];
}
