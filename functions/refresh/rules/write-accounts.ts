import type { ConnectionState } from '../connection-state.ts';
import { MOST_MEMBERS } from './ring.ts';
import { MOST_WRITES_A_DAY, type WriteAccount, type WritesByHour } from './write-quota.ts';

type Counted = Pick<
  ConnectionState,
  'publishedTo' | 'writesByHour' | 'ringWritesByHour' | 'tokenWritesByHour'
>;

/**
 * What the refreshes of a connection write to secrets: its token and its refresh token, which have one each; where the
 * token goes to a parameter, the refresh token alone, all secrets of its ring together, and none where it does not rotate.
 */
export function writeAccounts(state: Counted): readonly WriteAccount[] {
  const { publishedTo, writesByHour, ringWritesByHour = {}, tokenWritesByHour = {} } = state;
  if (publishedTo !== 'parameter') {
    return [writesByHour, tokenWritesByHour].map((writes) => ({ writes, most: MOST_WRITES_A_DAY }));
  }
  const writes = sum([writesByHour, ...Object.values(ringWritesByHour)]);
  return Object.keys(writes).length === 0 ? [] : [{ writes, most: MOST_WRITES_A_DAY * MOST_MEMBERS }];
}

function sum(all: readonly WritesByHour[]): WritesByHour {
  const total: Record<string, number> = {};
  for (const [hour, count] of all.flatMap((writes) => Object.entries(writes))) {
    total[hour] = (total[hour] ?? 0) + count;
  }
  return total;
}
