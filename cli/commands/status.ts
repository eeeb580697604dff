import { isPattern } from '../../functions/text/name-pattern.ts';
import type { CommandContext, CommandModule } from '../command-context.ts';
import { type ConnectionFilter, chosenConnections, readHealths } from '../connections/connection-filter.ts';
import { type ConnectionStatus, exitCodeOfNeeds, statusOf } from '../connections/connection-status.ts';
import { allConnections, registeredConnection } from '../connections/registered-connections.ts';
import type { Deployment } from '../deployment.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { pulseOf } from '../text/pulse-text.ts';
import { type Drawn, redraw, wholeText } from '../text/redraw.ts';
import { refusedRequestWords } from '../text/refused-request-text.ts';
import { statusDetail } from '../text/status-detail.ts';
import { statusList } from '../text/status-list.ts';

const WATCH_EVERY_MS = 2_000;

/** What one look came to. */
interface Seen {
  readonly json: ConnectionStatus | readonly ConnectionStatus[];
  /** Whether the deployment itself needs a person. */
  readonly needed: boolean;
  /** For a terminal as wide as it is then. */
  draw(): Drawn;
}

interface StatusOptions {
  readonly health?: string;
  readonly provider?: string;
  readonly watch?: boolean;
}

/** `evertoken status`: how connections stand, and what to do about those that do not. */
export const statusCommand: CommandModule = (program, run) => {
  program
    .command('status')
    .description(
      'Shows how connections stand, what needs you first: health, expiry, next refresh, and for what fails the error and what to do, once for all with the same trouble. Exits with 3 when one of them needs a human.',
    )
    .argument('[connections...]', `names, or patterns such as 'crm-*'; one name: all that is known of it`)
    .option('--health <health>', 'only those that stand so; several with commas')
    .option('--provider <id>', 'only those of a preset, or of the host that they name')
    .option('--watch', 'show it again every 2 seconds until Ctrl-C')
    .addHelpText(
      'after',
      "\nExamples:\n  evertoken status\n  evertoken status crm\n  evertoken status 'books/*' --health misconfigured,retrying\n  evertoken status --watch",
    )
    .action(
      run(async (context, names: string[], { health, provider, watch = false }: StatusOptions) => {
        const [name] = names;
        const filter: ConnectionFilter = {
          ...(names.length > 0 && { names }),
          ...(health !== undefined && { health: readHealths(health) }),
          ...(provider !== undefined && { provider }),
        };
        const isOne = names.length === 1 && health === undefined && provider === undefined;
        const deployment = await context.deployment();
        const look =
          isOne && name !== undefined && !isPattern(name)
            ? () => lookAt(name, context, deployment)
            : () => lookAtAll(filter, context, deployment);
        if (watch) return exitCodeOf(await watchUntilInterrupted(context, look));
        const seen = await look();
        context.show({ text: wholeText(seen.draw()), json: seen.json });
        return exitCodeOf(seen);
      }),
    );
};

async function lookAtAll(
  filter: ConnectionFilter,
  context: CommandContext,
  deployment: Deployment,
): Promise<Seen> {
  const { io, options } = context;
  const all = await allConnections(deployment);
  const refused = await deployment.state.refusedRequest();
  const tick = await deployment.state.lastTick();
  const now = io.clock.now();
  const json = chosenConnections(all, filter, now).map((state) => statusOf(state, now, options.namespace));
  const words = refusedRequestWords(refused, now);
  const notices = words === undefined ? [] : [`${words.message}\n  To do: ${words.remedy}`];
  const { paint } = context;
  const pulse = pulseOf(tick, now, options.namespace);
  return {
    json,
    needed: pulse.needed,
    draw: () =>
      statusList(json, {
        now,
        paint,
        width: context.width,
        registered: all.length,
        notices,
        pulse: pulse.text,
      }),
  };
}

async function lookAt(
  name: string,
  { io, options, paint }: CommandContext,
  deployment: Deployment,
): Promise<Seen> {
  const state = await registeredConnection(name, deployment);
  const tick = await deployment.state.lastTick();
  const now = io.clock.now();
  const json = statusOf(state, now, options.namespace);
  const { needed, text } = pulseOf(tick, now, options.namespace);
  const detail = statusDetail(json, state, now, paint);
  return { json, needed, draw: () => (needed ? `${detail}\n\n${text}` : detail) };
}

/** Redraws a terminal; to anything else each look is added below the last, in JSON one a line. */
async function watchUntilInterrupted(
  { io, options }: CommandContext,
  look: () => Promise<Seen>,
): Promise<Seen> {
  const { stdout, clock, signal } = io;
  if (options.json !== true && stdout.isTTY === true) {
    return redraw(stdout, look, { everyMs: WATCH_EVERY_MS, clock, signal });
  }
  for (;;) {
    const seen = await look();
    const text = options.json === true ? JSON.stringify(seen.json) : `${wholeText(seen.draw())}\n`;
    stdout.write(`${text}\n`);
    await clock.sleep(WATCH_EVERY_MS, signal);
    if (signal.aborted) return seen;
  }
}

function exitCodeOf({ json, needed }: Seen): ExitCode {
  return needed ? EXIT.needsHuman : exitCodeOfNeeds([json].flat());
}
