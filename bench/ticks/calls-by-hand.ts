import type { AwsClients } from '../../functions/aws/clients.ts';
import { type LeanCloud, nameOf } from '../worlds/start-lean-cloud.ts';
import { exchange, put, read } from './single-calls.ts';

/** What people write: read, exchange, write. */
export async function handwritten(cloud: LeanCloud, clients: AwsClients, rotating: boolean, index: number) {
  const name = nameOf(index);
  await read(clients, `credentials/${name}`);
  if (rotating) await read(clients, `refresh-tokens/${name}`);
  const token = await exchange(cloud, index, rotating);
  if (rotating) await put(clients, `refresh-tokens/${name}`, token);
  await put(clients, `tokens/${name}`, token);
}

export async function byHand(cloud: LeanCloud, clients: AwsClients, rotating: boolean, connections: number) {
  const all = Array.from({ length: connections }, (_, index) => handwritten(cloud, clients, rotating, index));
  await Promise.all(all);
}
