import { parseArgs } from 'node:util';
import { marginSeconds } from '../functions/connections/fit.ts';
import { WrongUsage } from './wrong-usage.ts';

/** What `npm start` was asked to do. */
export interface LocalOptions {
  /** Port of the AWS endpoint; 0 takes any free one. */
  readonly port: number;
  readonly tickSeconds: number;
  /** Lifetime of the access tokens that the local providers issue. */
  readonly lifetimeSeconds: number;
  /** How long to run; absent means until Ctrl-C. */
  readonly forSeconds: number | undefined;
  /** One event a line in JSON, in place of the view. */
  readonly json: boolean;
  /** A connections.json to run in place of the demo's connections. */
  readonly connectionsFile: string | undefined;
  /** Where AWS state outlives the run; absent means in memory. */
  readonly dataDirectory: string | undefined;
}

export type Arguments =
  | { readonly kind: 'run'; readonly options: LocalOptions }
  | { readonly kind: 'help' }
  /** `message` is one line that names what is wrong. */
  | { readonly kind: 'wrong-usage'; readonly message: string };

export const HELP = `Usage: npm start -- [options]

Runs Evertoken on this machine: an AWS endpoint, three OAuth providers with short-lived
tokens, the scheduled refreshes, and a reader that uses every token every second.
Nothing leaves 127.0.0.1, and no AWS account is needed.

Options
  --port N             port of the AWS endpoint (default 4566; 0: any free port)
  --lifetime SECONDS   how long access tokens live (default 45)
  --tick SECONDS       time between scheduled runs (default 5)
  --for SECONDS        end after so long (default: run until Ctrl-C)
  --connections FILE   run these connections in place of the demo's
  --data DIR           keep secrets and state in DIR for the next run (default: in memory)
  --json               print one event a line, in JSON
  --help               print this

Examples
  npm start
  npm start -- --lifetime 20 --tick 2 --for 60
  npm start -- --json --for 30 | grep refreshed
  aws --endpoint-url http://127.0.0.1:4566 secretsmanager get-secret-value \\
      --secret-id evertoken/tokens/kajabi-demo

Exit code: 0 when every read found a token that works, 1 when one did not, 2 for wrong usage.
`;

const FLAGS = {
  port: { type: 'string' },
  tick: { type: 'string' },
  lifetime: { type: 'string' },
  for: { type: 'string' },
  json: { type: 'boolean' },
  connections: { type: 'string' },
  data: { type: 'string' },
  help: { type: 'boolean' },
} as const;
type Flag = keyof typeof FLAGS;

const WEEK_SECONDS = 604_800;

/** Reads the arguments after the script's name. Pure: prints nothing, opens nothing. */
export function parseArguments(argv: readonly string[]): Arguments {
  try {
    const given = readFlags(argv);
    if (given.has('help')) return { kind: 'help' };
    return { kind: 'run', options: readOptions(given) };
  } catch (error) {
    if (error instanceof WrongUsage) return { kind: 'wrong-usage', message: error.message };
    throw error;
  }
}

function readFlags(argv: readonly string[]): ReadonlyMap<Flag, string> {
  // Not strict: what is wrong is said here, in one line each.
  const { tokens } = parseArgs({ args: [...argv], options: FLAGS, strict: false, tokens: true });
  const given = new Map<Flag, string>();
  for (const token of tokens) {
    if (token.kind === 'positional') throw new WrongUsage(`unexpected argument "${token.value}"; see --help`);
    if (token.kind === 'option-terminator') continue;
    const { name, rawName, value } = token;
    if (!isFlag(name)) throw new WrongUsage(`unknown option ${rawName}; see --help`);
    if (given.has(name)) throw new WrongUsage(`${rawName} is given twice`);
    if (FLAGS[name].type === 'boolean') {
      if (value !== undefined) throw new WrongUsage(`${rawName} takes no value`);
      given.set(name, '');
      continue;
    }
    if (value === undefined || value === '' || (!token.inlineValue && value.startsWith('--'))) {
      throw new WrongUsage(`${rawName} needs a value; see --help`);
    }
    given.set(name, value);
  }
  return given;
}

function readOptions(given: ReadonlyMap<Flag, string>): LocalOptions {
  const port = wholeNumber(given, 'port', 0, 65_535) ?? 4566;
  const lifetimeSeconds = wholeNumber(given, 'lifetime', 4, 3600) ?? 45;
  // The margin is what is left of a token's life when its refresh falls due. A tick may come just before
  // that, and the next one may find its work not done yet.
  const margin = marginSeconds(lifetimeSeconds);
  const longestTick = Math.floor(margin / 2);
  const tickSeconds = wholeNumber(given, 'tick', 1, 3600) ?? Math.min(5, longestTick);
  if (tickSeconds > longestTick) {
    throw new WrongUsage(
      `--tick ${tickSeconds} is too long for --lifetime ${lifetimeSeconds}: tokens are replaced in their last ` +
        `${margin} seconds, and two ticks must fit into that; use --tick ${longestTick} or less`,
    );
  }
  return {
    port,
    tickSeconds,
    lifetimeSeconds,
    forSeconds: wholeNumber(given, 'for', 1, WEEK_SECONDS),
    json: given.has('json'),
    connectionsFile: given.get('connections'),
    dataDirectory: given.get('data'),
  };
}

function wholeNumber(
  given: ReadonlyMap<Flag, string>,
  flag: Flag,
  least: number,
  most: number,
): number | undefined {
  const text = given.get(flag);
  if (text === undefined) return undefined;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new WrongUsage(`--${flag} must be a whole number from ${least} to ${most}, not "${text}"`);
}

function isFlag(name: string): name is Flag {
  return Object.hasOwn(FLAGS, name);
}
