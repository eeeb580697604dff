import { type Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { createProgram, wholeNumber } from '../cli/program.ts';
import { endpointUrlProblem, isOrigin } from '../functions/connections/endpoint-url.ts';
import {
  DEFAULT_LIFETIME_SECONDS,
  DEFAULT_TICK_SECONDS,
  HOUR_SECONDS,
  type LocalOptions,
  readOptions,
} from './options.ts';

export type Arguments =
  | { readonly kind: 'run'; readonly options: LocalOptions }
  | { readonly kind: 'help'; readonly text: string }
  /** `message` is one line that names what is wrong. */
  | { readonly kind: 'wrong-usage'; readonly message: string };

const DESCRIPTION = `Runs Evertoken on this machine: an AWS endpoint, three OAuth providers with
short-lived tokens, the scheduled refreshes, and a reader that uses every token
every second. No AWS account is needed, and nothing but what --allow-origin
names is asked outside of 127.0.0.1.`;

const EXAMPLES = `
Examples:
  npm start -- --lifetime 20 --tick 2 --for 60
  npm start -- --demo-failures
  npm start -- --connections connections.json --credentials secrets.json \\
      --allow-origin https://idp.example.com --data .evertoken/own
  aws --endpoint-url http://127.0.0.1:4566 secretsmanager get-secret-value \\
      --secret-id evertoken/tokens/kajabi-demo

Exit codes: 0 every read found a token that works, 1 one did not or none was
read at all, 2 wrong usage.`;

const MOST_TIME_SCALE = 900;
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
    new Option('--port <n>', 'of the AWS endpoint; 0: any free (default: 4566)').argParser(number(0, 65_535)),
    new Option(
      '--lifetime <seconds>',
      `how long tokens of the demo live (default: ${DEFAULT_LIFETIME_SECONDS})`,
    ).argParser(number(4, HOUR_SECONDS)),
    new Option('--time-scale <n>', 'by how much waits shrink; 1: real time').argParser(
      wholeNumber('a whole number', 1, MOST_TIME_SCALE),
    ),
    new Option(
      '--tick <seconds>',
      `time between scheduled runs (default: ${DEFAULT_TICK_SECONDS})`,
    ).argParser(number(1, 3600)),
    new Option('--for <seconds>', 'end after so long (default: run until Ctrl-C)').argParser(
      number(1, WEEK_SECONDS),
    ),
    new Option('--connections <file>', "run these connections in place of the demo's").argParser(path),
    new Option('--credentials <file>', 'what they need, in JSON; else it is asked for').argParser(path),
    new Option('--allow-origin <origin...>', 'real providers that they may ask').argParser(origins),
    new Option('--data <dir>', 'keep secrets and state in it for the next run').argParser(path),
    new Option('--demo-failures', 'let three things go wrong, and say what to see'),
    new Option('--permissions', 'say in the end which permissions were needed'),
    new Option('--json', 'print one event a line, in JSON'),
  ];
}

/** Adds an option that is a mistake when it comes a second time: nothing tells which was meant. */
function addOnce(program: Command, option: Option): void {
  let isGiven = false;
  program.on(`option:${option.name()}`, () => {
    if (isGiven && !option.variadic) program.error(`error: ${option.long} is given twice`);
    isGiven = true;
  });
  program.addOption(option);
}

/** An option in place of the value means that the value was forgotten. */
function path(value: string): string {
  if (value === '' || value.startsWith('--')) throw new InvalidArgumentError('Expected a path.');
  return value;
}

/** Origins elsewhere, or on this machine, where nobody needs to allow them. */
function origins(value: string, before: readonly string[] | undefined): readonly string[] {
  const problem = isOrigin(value)
    ? endpointUrlProblem(value)
    : 'expected scheme, host and port alone, e.g. https://idp.example.com';
  if (problem !== undefined)
    throw new InvalidArgumentError(`It ${problem}.`.replace('It expected', 'Expected'));
  return [...(before ?? []), value];
}

const WITHOUT_VALUE = ['--json', '--permissions', '--demo-failures', '--help'];
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
