import { type FleetFit, fleetFit, tooManySecretWrites } from '../../functions/connections/secret-writes.ts';
import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import { secretLoads } from '../connections/secret-load.ts';
import type { Deployment } from '../deployment.ts';
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
  if (tooMany === undefined) return [fine(SUBJECT, bearsText(fit, perSecond))];
  return [
    trouble(
      'warning',
      SUBJECT,
      sentence(tooMany.message),
      `${sentence(tooMany.remedy)} Where the deployment has another pace, set EVERTOKEN_SECRET_WRITES_PER_SECOND here.`,
    ),
  ];
}

function bearsText({ connections, perSecond: needed, most }: FleetFit, perSecond: number): string {
  const those = connections === 1 ? '1 connection takes' : `${count(connections)} connections take`;
  return (
    `${those} ${needed.toPrecision(2)} of ${perSecond} writes of secrets a second; tokens would be late beyond ` +
    `${count(most.steady)} like these, and beyond ${count(most.atOnce)} when all are due at once`
  );
}

const count = (connections: number) => connections.toLocaleString('en-US');

const sentence = (clause: string) => `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;
