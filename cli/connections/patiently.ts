import { STEPS } from '../../functions/refresh/rules/timing.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailed } from '../command-failed.ts';

const LOOK_EVERY_MS = 1_000;

/**
 * Repeats what cannot be done while a refresh holds the connection, until it could be done: `attempt` answers
 * `undefined` as long as it is held. Nobody holds one for longer than a lease.
 * @throws CommandFailed when it stays held, or the person interrupts
 */
export async function patiently<T>(
  name: string,
  { io, remark }: Pick<CommandContext, 'io' | 'remark'>,
  attempt: () => Promise<T | undefined>,
): Promise<T> {
  const { clock, signal } = io;
  const giveUpAt = clock.now() + STEPS.leaseMs + LOOK_EVERY_MS;
  for (let told = false; ; told = true) {
    const done = await attempt();
    if (done !== undefined) return done;
    if (signal.aborted) throw new CommandFailed('Interrupted; nothing was changed.');
    if (clock.now() >= giveUpAt) {
      throw new CommandFailed(`"${name}" is being refreshed all the time: try again in a minute.`);
    }
    if (!told) remark(`"${name}" is being refreshed at this moment; waiting for it to end.`);
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}
