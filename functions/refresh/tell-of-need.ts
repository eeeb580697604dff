import { AttemptLedger } from './attempt-ledger.ts';
import { applyChange, type ConnectionState } from './connection-state.ts';
import type { RefreshPorts } from './refresh-run.ts';
import { STEPS } from './rules/timing.ts';
import { withWatch } from './rules/watch.ts';
import { announce, callsNow, type TellingPorts, tellOnly, withNotices } from './steps/announce.ts';

/**
 * Calls for a person, or reminds of it, where no refresh is there to do so: the provider is left alone, or no tick
 * comes. Under the lease, so that it is told once; whoever holds that tells himself. Nothing is tried.
 * @throws StoreError
 */
export async function tellOfNeed(
  state: ConnectionState,
  ports: TellingPorts & Pick<RefreshPorts, 'random'>,
): Promise<void> {
  const { clock, random, timing, state: table } = ports;
  const { name } = state;
  const now = clock.now();
  if (!callsNow(state, now, ports)) return;
  const [owner, attempt] = [random.uuid(), random.uuid()];
  const wanted = { owner, now, endsAt: now + STEPS.leaseMs, attempt, force: true };
  const answer = await table.lease(name, wanted);
  if (answer.kind !== 'acquired') return;
  const conclusion = tellOnly(answer.state, new AttemptLedger(answer.state, attempt, timing));
  const change = withWatch(answer.state, withNotices(answer.state, conclusion, now, ports));
  if (!(await table.commit(name, owner, change))) return;
  announce(answer.state, applyChange(answer.state, change), conclusion, ports);
}
