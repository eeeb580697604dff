import type { Command } from 'commander';
import { isLoopbackUrl } from '../functions/connections/endpoint-url.ts';
import { marginSeconds } from '../functions/connections/fit.ts';

/** What `npm start` was asked to do. */
export interface LocalOptions {
  /** Port of the AWS endpoint; 0 takes any free one. */
  readonly port: number;
  readonly tickSeconds: number;
  /** Lifetime of the access tokens that the local providers issue. */
  readonly lifetimeSeconds: number;
  /** By how much waits and quotas shrink; 1 as soon as a real provider may be asked. */
  readonly timeScale: number;
  /** How long to run; absent means until Ctrl-C. */
  readonly forSeconds: number | undefined;
  /** One event a line in JSON, in place of the view. */
  readonly json: boolean;
  /** A connections.json to run in place of the demo's connections. */
  readonly connectionsFile: string | undefined;
  /** A file with what these connections need. */
  readonly credentialsFile: string | undefined;
  /** Origins elsewhere that may be asked for tokens. */
  readonly allowedOrigins: readonly string[];
  /** Let things go wrong, one after the other, and say what to see. */
  readonly demoFailures: boolean;
  /** Say in the end which permissions were needed, and which were not. */
  readonly permissions: boolean;
  /** Where AWS state outlives the run; absent means in memory. */
  readonly dataDirectory: string | undefined;
}

/** The options as they are given. */
interface Given {
  readonly port?: number;
  readonly lifetime?: number;
  readonly timeScale?: number;
  readonly tick?: number;
  readonly for?: number;
  readonly connections?: string;
  readonly credentials?: string;
  readonly allowOrigin?: readonly string[];
  readonly demoFailures?: boolean;
  readonly data?: string;
  readonly permissions?: boolean;
  readonly json?: boolean;
}

const DEFAULT_PORT = 4566;
export const DEFAULT_TICK_SECONDS = 5;
export const DEFAULT_LIFETIME_SECONDS = 45;
export const HOUR_SECONDS = 3600;

/** Reads what was parsed; what does not go together ends the program, as `Command.error` does. */
export function readOptions(program: Command): LocalOptions {
  const [unexpected] = program.args;
  if (unexpected !== undefined) program.error(`error: unexpected argument "${unexpected}"; see --help`);
  const {
    port = DEFAULT_PORT,
    lifetime: givenLifetime,
    timeScale: givenScale,
    tick,
    for: forSeconds,
    json = false,
    connections,
    credentials,
    allowOrigin: allowedOrigins = [],
    demoFailures = false,
    data,
    permissions = false,
  } = program.opts<Given>();
  refuseAlone(program, connections, { '--credentials': credentials, '--allow-origin': allowedOrigins[0] });
  if (demoFailures && connections !== undefined) {
    program.error('error: --demo-failures is of the demo: leave --connections out');
  }
  const remote = allowedOrigins.find((origin) => !isLoopbackUrl(origin));
  if (remote !== undefined && givenScale !== undefined && givenScale !== 1) {
    program.error(
      `error: --time-scale ${givenScale} would ask ${remote} far more often than is right: with a real provider it is 1`,
    );
  }
  const realTime = remote === undefined ? givenScale : 1;
  const lifetime =
    givenLifetime ?? (realTime === undefined ? DEFAULT_LIFETIME_SECONDS : Math.ceil(HOUR_SECONDS / realTime));
  // The margin is what is left of a token's life when its refresh falls due. A tick may come just before
  // that, and the next one may find its work not done yet.
  const margin = marginSeconds(lifetime);
  const longestTick = Math.floor(margin / 2);
  const tickSeconds = tick ?? Math.min(DEFAULT_TICK_SECONDS, longestTick);
  if (tickSeconds > longestTick) {
    program.error(
      `error: --tick ${tickSeconds} is too long for --lifetime ${lifetime}: tokens are replaced in their last ` +
        `${margin} seconds, and two ticks must fit into that; use --tick ${longestTick} or less`,
    );
  }
  return {
    port,
    tickSeconds,
    lifetimeSeconds: lifetime,
    timeScale: realTime ?? timeScaleOf(lifetime),
    forSeconds,
    json,
    connectionsFile: connections,
    credentialsFile: credentials,
    allowedOrigins,
    demoFailures,
    dataDirectory: data,
    permissions,
  };
}

/** What says something of connections of one's own, without any. */
function refuseAlone(
  program: Command,
  connections: string | undefined,
  others: Readonly<Record<string, string | undefined>>,
): void {
  if (connections !== undefined) return;
  const given = Object.keys(others).find((option) => others[option] !== undefined);
  if (given !== undefined) {
    program.error(`error: ${given} is for connections of one's own: give --connections <file> too`);
  }
}

/** By how much time shrinks where an hour lasts one token lifetime. */
export function timeScaleOf(lifetimeSeconds: number): number {
  return HOUR_SECONDS / lifetimeSeconds;
}
