import { type Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { createProgram, wholeNumber } from '../cli/program.ts';
import { marginSeconds } from '../functions/connections/fit.ts';

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
  /** Say in the end which permissions were needed, and which were not. */
  readonly permissions: boolean;
  /** Where AWS state outlives the run; absent means in memory. */
  readonly dataDirectory: string | undefined;
}

export type Arguments =
  | { readonly kind: 'run'; readonly options: LocalOptions }
  | { readonly kind: 'help'; readonly text: string }
  /** `message` is one line that names what is wrong. */
  | { readonly kind: 'wrong-usage'; readonly message: string };

/** The options as they are given. */
interface Given {
  readonly port: number;
  readonly lifetime: number;
  readonly tick?: number;
  readonly for?: number;
  readonly connections?: string;
  readonly data?: string;
  readonly permissions?: boolean;
  readonly json?: boolean;
}

const DESCRIPTION = `Runs Evertoken on this machine: an AWS endpoint, three OAuth providers with
short-lived tokens, the scheduled refreshes, and a reader that uses every token
every second. Nothing leaves 127.0.0.1, and no AWS account is needed.`;

const EXAMPLES = `
Examples:
  npm start
  npm start -- --lifetime 20 --tick 2 --for 60
  npm start -- --json --for 30 | grep refreshed
  aws --endpoint-url http://127.0.0.1:4566 secretsmanager get-secret-value \\
      --secret-id evertoken/tokens/kajabi-demo

Exit codes: 0 every read found a token that works, 1 one did not or none was
read at all, 2 wrong usage.`;

const DEFAULT_TICK_SECONDS = 5;
const WEEK_SECONDS = 604_800;

/** Reads the arguments after the script's name. Pure: prints nothing, opens nothing. */
export function parseArguments(argv: readonly string[]): Arguments {
  let printed = '';
  const output = { write: (text: string) => (printed += text) };
  const program = createProgram('npm start --', { stdout: output, stderr: output })
    .description(DESCRIPTION)
    .addHelpText('after', EXAMPLES)
    // They are refused by name, in `readOptions`.
    .allowExcessArguments();
  for (const option of localOptions()) addOnce(program, option);
  try {
    program.parse([...argv], { from: 'user' });
    return { kind: 'run', options: readOptions(program) };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'help', text: printed };
    return { kind: 'wrong-usage', message: messageOf(error, printed, argv) };
  }
}

function localOptions(): Option[] {
  const number = (least: number, most: number) => wholeNumber('a whole number', least, most);
  return [
    new Option('--port <n>', 'port of the AWS endpoint; 0: any free one')
      .default(4566)
      .argParser(number(0, 65_535)),
    new Option('--lifetime <seconds>', 'how long access tokens live').default(45).argParser(number(4, 3600)),
    new Option(
      '--tick <seconds>',
      `time between scheduled runs (default: ${DEFAULT_TICK_SECONDS})`,
    ).argParser(number(1, 3600)),
    new Option('--for <seconds>', 'end after so long (default: run until Ctrl-C)').argParser(
      number(1, WEEK_SECONDS),
    ),
    new Option('--connections <file>', "run these connections in place of the demo's").argParser(path),
    new Option(
      '--data <dir>',
      'keep secrets and state in it for the next run (default: in memory)',
    ).argParser(path),
    new Option('--permissions', 'say in the end which permissions were needed'),
    new Option('--json', 'print one event a line, in JSON'),
  ];
}

/** Adds an option that is a mistake when it comes a second time: nothing tells which was meant. */
function addOnce(program: Command, option: Option): void {
  let isGiven = false;
  program.on(`option:${option.name()}`, () => {
    if (isGiven) program.error(`error: ${option.long} is given twice`);
    isGiven = true;
  });
  program.addOption(option);
}

/** An option in place of the value means that the value was forgotten. */
function path(value: string): string {
  if (value === '' || value.startsWith('--')) throw new InvalidArgumentError('Expected a path.');
  return value;
}

function readOptions(program: Command): LocalOptions {
  const [unexpected] = program.args;
  if (unexpected !== undefined) program.error(`error: unexpected argument "${unexpected}"; see --help`);
  const {
    port,
    lifetime,
    tick,
    for: forSeconds,
    json = false,
    connections,
    data,
    permissions = false,
  } = program.opts<Given>();
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
    forSeconds,
    json,
    connectionsFile: connections,
    dataDirectory: data,
    permissions,
  };
}

const WITHOUT_VALUE = ['--json', '--permissions', '--help'];
const SEE_HELP = ['commander.unknownOption', 'commander.optionMissingArgument'];

function messageOf({ code }: CommanderError, printed: string, argv: readonly string[]): string {
  // Of an option that takes no value, commander does not know the form with one.
  const flag = WITHOUT_VALUE.find((each) => argv.some((argument) => argument.startsWith(`${each}=`)));
  if (code === 'commander.unknownOption' && flag !== undefined) return `${flag} takes no value`;
  const message = printed
    .replace(/^error: /, '')
    .trimEnd()
    .replaceAll('\n', ' ');
  return SEE_HELP.includes(code) ? `${message}; see --help` : message;
}
