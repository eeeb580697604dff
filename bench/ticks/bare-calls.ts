import pLimit from 'p-limit';
import type { AwsClients } from '../../functions/aws/clients.ts';
import { type LeanCloud, nameOf } from '../worlds/start-lean-cloud.ts';
import type { RecordedTick } from './recorded-tick.ts';
import { exchange, put, read, update } from './single-calls.ts';

/** As the tick has them under way. */
const AT_ONCE = 256;
const AT_ONCE_PER_ORIGIN = 8;
/** As many refresh tokens are spent at once: what a process that is killed may cost. */
const SPENDING_AT_ONCE = 8;

export interface BareCallsProps {
  readonly cloud: LeanCloud;
  readonly rotating: boolean;
}

/** The requests of a tick once more, as they were, as many at once, and nothing else. */
export async function bareCalls({ cloud, rotating }: BareCallsProps, tick: RecordedTick): Promise<void> {
  const limit = pLimit(AT_ONCE);
  const perOrigin = cloud.origins.map(() => pLimit(AT_ONCE_PER_ORIGIN));
  const spending = pLimit(SPENDING_AT_ONCE);
  const exchanged = (index: number) => () => exchange(cloud, index, rotating);
  for (const call of tick.before) await call();
  const telling: Promise<unknown>[] = [];
  let ended = 0;
  const one = async (index: number) => {
    const calls = tick.ofConnection[index] ?? [];
    // What rotates is proved before the exchange, and persisted after it.
    if (rotating) {
      await inTurn(calls.slice(0, 2));
      await spending(() => inTurn([...calls.slice(2, 3), exchanged(index), ...calls.slice(3, 4)]));
      await inTurn(calls.slice(4));
    } else await inTurn([...calls.slice(0, 1), exchanged(index), ...calls.slice(1)]);
    ended += 1;
    const due = Math.floor((ended / tick.ofConnection.length) * tick.telling.length);
    telling.push(...tick.telling.slice(telling.length, due).map((call) => call()));
  };
  await Promise.all(
    tick.ofConnection.map((_, index) =>
      perOrigin[index % cloud.origins.length]?.(() => limit(() => one(index))),
    ),
  );
  await Promise.all(telling);
  await inTurn(tick.after);
}

async function inTurn(calls: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const call of calls) await call();
}

/** The same with as little in each request as would do, and nothing told: lease, exchange, write, commit. */
export async function leastCalls(
  { cloud, rotating }: BareCallsProps,
  clients: AwsClients,
  connections: number,
): Promise<void> {
  const limit = pLimit(AT_ONCE);
  const perOrigin = cloud.origins.map(() => pLimit(AT_ONCE_PER_ORIGIN));
  const spending = pLimit(SPENDING_AT_ONCE);
  const one = async (index: number) => {
    const name = nameOf(index);
    await update(clients, name);
    if (rotating) await read(clients, `refresh-tokens/${name}`);
    const exchanged = rotating ? spending(() => spend(index)) : exchange(cloud, index, rotating);
    const token = await exchanged;
    await put(clients, `tokens/${name}`, token);
    await update(clients, name);
  };
  const spend = async (index: number) => {
    await put(clients, `refresh-tokens/${nameOf(index)}`, 'fake-canary-refresh-token');
    const token = await exchange(cloud, index, rotating);
    await put(clients, `refresh-tokens/${nameOf(index)}`, token);
    return token;
  };
  await Promise.all(
    Array.from({ length: connections }, (_, index) =>
      perOrigin[index % cloud.origins.length]?.(() => limit(() => one(index))),
    ),
  );
}
