import type { FleetFit } from '../../functions/connections/secret-writes.ts';

/** How a fleet that its pace bears stands to it: a clause. `perSecond` is the pace. */
export function paceText({ connections, perSecond: needed, most }: FleetFit, perSecond: number): string {
  const those = connections === 1 ? '1 connection takes' : `${count(connections)} connections take`;
  return (
    `${those} ${needed.toPrecision(2)} of ${perSecond} writes of secrets a second; tokens would be late beyond ` +
    `${count(most.steady)} like these, and beyond ${count(most.atOnce)} when all are due at once`
  );
}

/** A clause as a sentence. */
export const sentence = (clause: string) => `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;

const count = (connections: number) => connections.toLocaleString('en-US');
