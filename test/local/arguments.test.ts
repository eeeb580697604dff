import { describe, expect, it } from 'vitest';
import { HELP, parseArguments } from '../../local/arguments.ts';

describe('wrong usage is named in one line', () => {
  it.each([
    [['--prot', '1'], 'unknown option --prot; see --help'],
    [['-p'], 'unknown option -p; see --help'],
    [['--no-json'], 'unknown option --no-json; see --help'],
    [['--constructor'], 'unknown option --constructor; see --help'],
    [['demo'], 'unexpected argument "demo"; see --help'],
    [['--', 'demo'], 'unexpected argument "demo"; see --help'],
    [['--port'], '--port needs a value; see --help'],
    [['--port='], '--port needs a value; see --help'],
    [['--connections', '--json'], '--connections needs a value; see --help'],
    [['--port', '65536'], '--port must be a whole number from 0 to 65535, not "65536"'],
    [['--port=-1'], '--port must be a whole number from 0 to 65535, not "-1"'],
    [['--port', '80a'], '--port must be a whole number from 0 to 65535, not "80a"'],
    [['--port', '1e3'], '--port must be a whole number from 0 to 65535, not "1e3"'],
    [['--lifetime', '3'], '--lifetime must be a whole number from 4 to 3600, not "3"'],
    [['--lifetime', '3601'], '--lifetime must be a whole number from 4 to 3600, not "3601"'],
    [['--tick', '0'], '--tick must be a whole number from 1 to 3600, not "0"'],
    [['--tick', '2.5'], '--tick must be a whole number from 1 to 3600, not "2.5"'],
    [['--for', '0'], '--for must be a whole number from 1 to 604800, not "0"'],
    [['--for', '9999999999'], '--for must be a whole number from 1 to 604800, not "9999999999"'],
    [['--json=yes'], '--json takes no value'],
    [['--port', '1', '--port', '2'], '--port is given twice'],
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
    },
  });
});

it('takes every option', () => {
  const argv = '--port 0 --tick=2 --lifetime 20 --for 60 --json --connections c.json --data .local'.split(
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
  it('wins over other options', () => {
    expect(parseArguments(['--json', '--help'])).toEqual({ kind: 'help' });
  });

  it('fits a screen of 100 columns and 30 lines', () => {
    const lines = HELP.split('\n');
    expect(lines.length).toBeLessThanOrEqual(30);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it('names every option that is understood', () => {
    const named = [...HELP.matchAll(/^ {2}--([a-z]+)/gm)].map((match) => match[1]);
    for (const flag of named) {
      const message = parseArguments([`--${flag}=`, `--${flag}=`]);
      expect(message).not.toMatchObject({ message: expect.stringContaining('unknown option') });
    }
    expect(named.sort()).toEqual(['connections', 'data', 'for', 'help', 'json', 'lifetime', 'port', 'tick']);
  });
});
