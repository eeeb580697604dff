import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../local/arguments.ts';

describe('wrong usage is named in one line', () => {
  it.each([
    [['--prot', '1'], "unknown option '--prot' (Did you mean --port?); see --help"],
    [['-p'], "unknown option '-p'; see --help"],
    [['--no-json'], "unknown option '--no-json' (Did you mean --json?); see --help"],
    [['--constructor'], "unknown option '--constructor'; see --help"],
    [['demo'], 'unexpected argument "demo"; see --help'],
    [['--', 'demo'], 'unexpected argument "demo"; see --help'],
    [['--port'], "option '--port <n>' argument missing; see --help"],
    [['--port='], "option '--port <n>' argument '' is invalid. Expected a whole number from 0 to 65535."],
    [['--data'], "option '--data <dir>' argument missing; see --help"],
    [['--data='], "option '--data <dir>' argument '' is invalid. Expected a path."],
    [
      ['--connections', '--json'],
      "option '--connections <file>' argument '--json' is invalid. Expected a path.",
    ],
    [
      ['--port', '65536'],
      "option '--port <n>' argument '65536' is invalid. Expected a whole number from 0 to 65535.",
    ],
    [['--port=-1'], "option '--port <n>' argument '-1' is invalid. Expected a whole number from 0 to 65535."],
    [
      ['--port', '80a'],
      "option '--port <n>' argument '80a' is invalid. Expected a whole number from 0 to 65535.",
    ],
    [
      ['--port', '1e3'],
      "option '--port <n>' argument '1e3' is invalid. Expected a whole number from 0 to 65535.",
    ],
    [
      ['--lifetime', '3'],
      "option '--lifetime <seconds>' argument '3' is invalid. Expected a whole number from 4 to 3600.",
    ],
    [
      ['--lifetime', '3601'],
      "option '--lifetime <seconds>' argument '3601' is invalid. Expected a whole number from 4 to 3600.",
    ],
    [
      ['--tick', '0'],
      "option '--tick <seconds>' argument '0' is invalid. Expected a whole number from 1 to 3600.",
    ],
    [
      ['--tick', '2.5'],
      "option '--tick <seconds>' argument '2.5' is invalid. Expected a whole number from 1 to 3600.",
    ],
    [
      ['--for', '0'],
      "option '--for <seconds>' argument '0' is invalid. Expected a whole number from 1 to 604800.",
    ],
    [
      ['--for', '9999999999'],
      "option '--for <seconds>' argument '9999999999' is invalid. Expected a whole number from 1 to 604800.",
    ],
    [['--json=yes'], '--json takes no value'],
    [['--help=yes'], '--help takes no value'],
    [['--port', '1', '--port', '2'], '--port is given twice'],
    [['--json', '--json'], '--json is given twice'],
    [
      ['--tick', '12'],
      '--tick 12 is too long for --lifetime 45: tokens are replaced in their last 22.5 seconds, and two ticks must fit into that; use --tick 11 or less',
    ],
  ])('%j', (argv, message) => {
    expect(parseArguments(argv)).toEqual({ kind: 'wrong-usage', message });
  });
});

it('has defaults for everything', () => {
  expect(parseArguments([])).toEqual({
    kind: 'run',
    options: {
      port: 4566,
      tickSeconds: 5,
      lifetimeSeconds: 45,
      forSeconds: undefined,
      json: false,
      connectionsFile: undefined,
      dataDirectory: undefined,
      permissions: false,
    },
  });
});

it('takes every option', () => {
  const argv =
    '--port 0 --tick=2 --lifetime 20 --for 60 --json --permissions --connections c.json --data .local'.split(
      ' ',
    );
  expect(parseArguments(argv)).toEqual({
    kind: 'run',
    options: {
      port: 0,
      tickSeconds: 2,
      lifetimeSeconds: 20,
      forSeconds: 60,
      json: true,
      connectionsFile: 'c.json',
      dataDirectory: '.local',
      permissions: true,
    },
  });
});

it.each([
  [['--lifetime', '44', '--tick', '11'], 11],
  // The default tick gives way to a short lifetime: `--lifetime 8` alone is no error.
  [['--lifetime', '8'], 2],
  [['--lifetime', '4'], 1],
  [['--lifetime', '3600', '--tick', '300'], 300],
])('fits the tick to the lifetime: %j', (argv, tickSeconds) => {
  expect(parseArguments(argv)).toMatchObject({ kind: 'run', options: { tickSeconds } });
});

describe('--help', () => {
  const helpOf = (...argv: string[]) => {
    const parsed = parseArguments(argv);
    return parsed.kind === 'help' ? parsed.text : undefined;
  };
  const help = helpOf('--help') ?? '';

  it('is what -h asks for, too', () => {
    expect(help).toMatch(/^Usage: npm start -- \[options\]\n/);
    expect(helpOf('-h')).toBe(help);
  });

  it('wins over other options', () => {
    expect(helpOf('--json', '--help')).toBe(help);
    expect(helpOf('--tick', '12', '--help')).toBe(help);
  });

  it('fits a screen of 80 columns and 30 lines', () => {
    const lines = help.split('\n');
    expect(lines.length).toBeLessThanOrEqual(30);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('names every option that is understood', () => {
    const named = [...help.matchAll(/^ {2}(?:-h, )?--([a-z]+)/gm)].map((match) => match[1]);
    for (const flag of named) {
      const message = parseArguments([`--${flag}=`, `--${flag}=`]);
      expect(message).not.toMatchObject({ message: expect.stringContaining('unknown option') });
    }
    expect(named.sort()).toEqual([
      ...['connections', 'data', 'for', 'help', 'json', 'lifetime', 'permissions', 'port', 'tick'],
    ]);
  });
});
