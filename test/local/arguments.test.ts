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
    [
      ['--connections', 'c.json', '--allow-origin', 'https://idp.example.com/token'],
      "option '--allow-origin <origin...>' argument 'https://idp.example.com/token' is invalid. Expected scheme, host and port alone, e.g. https://idp.example.com.",
    ],
    [
      ['--connections', 'c.json', '--allow-origin', 'http://idp.example.com'],
      `option '--allow-origin <origin...>' argument 'http://idp.example.com' is invalid. It would send credentials to "idp.example.com" unencrypted: use https:// (http:// is only for 127.0.0.1, [::1] and localhost).`,
    ],
    [
      ['--allow-origin', 'https://idp.example.com'],
      "--allow-origin is for connections of one's own: give --connections <file> too",
    ],
    [
      ['--credentials', 's.json'],
      "--credentials is for connections of one's own: give --connections <file> too",
    ],
    [
      ['--connections', 'c.json', '--allow-origin', 'https://idp.example.com', '--time-scale', '2'],
      '--time-scale 2 would ask https://idp.example.com far more often than is right: with a real provider it is 1',
    ],
    [
      ['--demo-failures', '--connections', 'c.json'],
      '--demo-failures is of the demo: leave --connections out',
    ],
    [['--demo-failures=yes'], '--demo-failures takes no value'],
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
      timeScale: 80,
      forSeconds: undefined,
      json: false,
      connectionsFile: undefined,
      credentialsFile: undefined,
      allowedOrigins: [],
      demoFailures: false,
      dataDirectory: undefined,
      permissions: false,
    },
  });
});

it('takes every option', () => {
  const argv =
    '--port 0 --tick=2 --lifetime 20 --time-scale 1 --for 60 --json --permissions --connections c.json --credentials s.json --allow-origin https://idp.example.com --allow-origin http://127.0.0.1:9000 --data .local'.split(
      ' ',
    );
  expect(parseArguments(argv)).toEqual({
    kind: 'run',
    options: {
      port: 0,
      tickSeconds: 2,
      lifetimeSeconds: 20,
      timeScale: 1,
      forSeconds: 60,
      json: true,
      connectionsFile: 'c.json',
      credentialsFile: 's.json',
      allowedOrigins: ['https://idp.example.com', 'http://127.0.0.1:9000'],
      demoFailures: false,
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

it.each([
  [[], { lifetimeSeconds: 45, timeScale: 80 }],
  [['--time-scale', '1'], { lifetimeSeconds: 3600, timeScale: 1 }],
  [['--time-scale', '60'], { lifetimeSeconds: 60, timeScale: 60 }],
  [['--time-scale', '1', '--lifetime', '300'], { lifetimeSeconds: 300, timeScale: 1 }],
  // Nobody’s provider is hurried.
  [['--allow-origin', 'https://idp.example.com'], { lifetimeSeconds: 3600, timeScale: 1 }],
  [['--allow-origin', 'http://127.0.0.1:9000'], { lifetimeSeconds: 45, timeScale: 80 }],
])('time goes on as it was asked to: %j', (argv, expected) => {
  const options = { kind: 'run', options: expected };
  expect(parseArguments(['--connections', 'c.json', ...argv])).toMatchObject(options);
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

  it('fits a screen of 80 columns and 33 lines', () => {
    const lines = help.split('\n');
    expect(lines.length).toBeLessThanOrEqual(33);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('names every option that is understood', () => {
    const named = [...help.matchAll(/^ {2}(?:-h, )?--([a-z-]+)/gm)].map((match) => match[1]);
    for (const flag of named) {
      const message = parseArguments([`--${flag}=`, `--${flag}=`]);
      expect(message).not.toMatchObject({ message: expect.stringContaining('unknown option') });
    }
    expect(named.sort()).toEqual([
      ...['allow-origin', 'connections', 'credentials', 'data', 'demo-failures', 'for', 'help', 'json'],
      ...['lifetime', 'permissions', 'port', 'tick', 'time-scale'],
    ]);
  });
});
