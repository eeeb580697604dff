/**
 * One tick in a process of its own, as a function has one: node bench/ticks/tick-process.ts OPTIONS, forked by
 * `tick-memory.ts`. Tells how much memory the process had at most, in bytes, and how many were refreshed.
 */
import { refreshDueHandler } from '../../functions/handlers/refresh-due.ts';
import { createLocalAwsClients } from '../../local/endpoint-clients.ts';
import { context, silently, unpaced } from '../worlds/invocation.ts';

const { endpoint, origins, functionMs } = JSON.parse(process.argv[2] ?? '{}');
const composition = unpaced({ origins }, createLocalAwsClients(endpoint));
const { outcomes } = await silently(() => refreshDueHandler(() => composition)({}, context(functionMs)));
const { maxRSS } = process.resourceUsage();
process.send?.({ bytes: maxRSS * 1024, refreshed: outcomes['refreshed'] ?? 0 }, () => process.exit());
