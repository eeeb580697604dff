import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CliDeployment, startCliDeployment } from '../support/cli-deployment.ts';
import { type LogEndpoint, startLogEndpoint } from '../support/log-endpoint.ts';
import type { RunOptions } from '../support/run-command.ts';

const MINUTE = 60_000;
let deployment: CliDeployment;
let logs: LogEndpoint;

beforeAll(async () => {
  deployment = await startCliDeployment({ speed: 0 });
});

afterAll(() => deployment[Symbol.asyncDispose]());

beforeEach(async () => {
  logs = await startLogEndpoint();
  logs.groups
    .set('evertoken-refresh-due', 'stack-RefreshDueLogs-1')
    .set('evertoken-refresh-now', 'stack-RefreshNowLogs-2');
});

afterEach(() => logs[Symbol.asyncDispose]());

const now = () => deployment.clock.now();
const iso = (at: number) => new Date(at).toISOString();

/** A line as the functions' logger writes it. */
function logged(handler: 'due' | 'now', minutesAgo: number, line: Record<string, unknown>): string {
  const at = now() - minutesAgo * MINUTE;
  const group = handler === 'due' ? 'stack-RefreshDueLogs-1' : 'stack-RefreshNowLogs-2';
  const surroundings = {
    service: 'evertoken',
    timestamp: iso(at),
    function_request_id: 'r',
    cold_start: false,
  };
  logs.lines.push({
    group,
    at,
    text: JSON.stringify({ level: 'INFO', connection: 'kajabi-demo', ...surroundings, ...line }),
  });
  return iso(at);
}

const run = (args: readonly string[], options: RunOptions = {}) =>
  deployment.run(['logs', ...args], { ...options, awsEnv: { ...logs.awsEnv, ...options.awsEnv } });

describe('evertoken logs', () => {
  it('prints what all functions said of a connection, the oldest first, through all pages', async () => {
    const first = logged('due', 50, {
      level: 'WARN',
      message: 'refresh failed',
      code: 'http_503',
      details: { status: 503 },
    });
    const second = logged('now', 40, { message: 'token refreshed', expiresAt: 7 });
    const third = logged('due', 30, { message: 'token refreshed' });
    const fourth = logged('due', 20, { level: 'ERROR', message: 'rescued' });
    logged('due', 10, { connection: 'slashid-demo', message: 'of another' });
    expect(await run(['kajabi-demo'])).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: `${first}  refresh-due  WARN   refresh failed (code: http_503, details: {"status": 503})
${second}  refresh-now  INFO   token refreshed (expiresAt: 7)
${third}  refresh-due  INFO   token refreshed
${fourth}  refresh-due  ERROR  rescued
`,
    });
  });

  it('takes what was logged within a day, or since the instant that is given', async () => {
    logged('due', 25 * 60, { message: 'long ago' });
    logged('due', 90, { message: 'before' });
    logged('due', 30, { message: 'after' });
    expect((await run(['kajabi-demo'])).stdout).not.toContain('long ago');
    expect((await run(['kajabi-demo', '--since', '1h'])).stdout).not.toContain('before');
    expect((await run(['kajabi-demo', '--since', '7d'])).stdout.trim().split('\n')).toHaveLength(3);
    expect((await run(['kajabi-demo', '--since', 'yesterday'])).exitCode).toBe(2);
  });

  it('is JSON for scripts', async () => {
    const at = logged('due', 5, { message: 'token refreshed', dueAt: 1 });
    const { stdout } = await run(['kajabi-demo', '--json']);
    expect(JSON.parse(stdout)).toEqual({
      connection: 'kajabi-demo',
      since: expect.stringMatching(/Z$/),
      lines: [
        { at, function: 'refresh-due', level: 'INFO', message: 'token refreshed', details: { dueAt: 1 } },
      ],
    });
  });

  it('says that nothing was logged, and leaves out a group that is gone', async () => {
    logs.groups.set('evertoken-reconcile', 'gone');
    logs.groups.delete('evertoken-refresh-now');
    expect((await run(['kajabi-demo', '--since', '1h'])).stdout).toMatch(
      /^Nothing was logged of "kajabi-demo" since .*Z\.\n$/,
    );
  });

  it('shows what others wrote, and obeys none of it', async () => {
    logged('due', 5, { message: '\u001b[2J\u202eowned', 'k\u001bey': '\u009b31m' });
    const { stdout } = await run(['kajabi-demo'], { terminal: true, columns: 200 });
    expect(stdout).toContain('\\u001b[2J\\u202eowned (k\\u001bey: \\u009b31m)');
  });

  it('follows until it is interrupted, and shows no line twice', async () => {
    logged('due', 5, { message: 'one' });
    const person = new AbortController();
    let looks = 0;
    const clock = {
      now,
      sleep: async () => {
        looks += 1;
        if (looks === 1) logged('now', 0.5, { message: 'two, late' });
        if (looks === 3) person.abort();
      },
    };
    const { stdout, exitCode } = await run(['kajabi-demo', '--follow'], { clock, signal: person.signal });
    expect(stdout.match(/(?<= {2}INFO {3}).*/g)).toEqual(['one', 'two, late']);
    expect(exitCode).toBe(0);
    // Only what may come late is asked for again.
    expect(Number(logs.requests.at(-1)?.['startTime'])).toBe(now() - MINUTE);
  });

  it('follows in JSON, one line each', async () => {
    logged('due', 5, { message: 'one' });
    logged('due', 4, { message: 'two' });
    const person = new AbortController();
    const clock = { now, sleep: async () => person.abort() };
    const { stdout } = await run(['kajabi-demo', '--follow', '--json'], { clock, signal: person.signal });
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).message),
    ).toEqual(['one', 'two']);
  });

  it.each(['GetFunctionConfiguration', 'FilterLogEvents'])(
    'says what it takes, where %s is denied',
    async (operation) => {
      logs.refuse(operation, 'AccessDeniedException');
      const { stderr, exitCode } = await run(['kajabi-demo']);
      expect(stderr).toContain(
        "error: You may not read the logs of the functions: it takes lambda:GetFunctionConfiguration, which says where they are, and logs:FilterLogEvents there; the operator's policy has both.",
      );
      expect(exitCode).toBe(1);
    },
  );

  it('suggests the name that was meant, and says that there are no functions', async () => {
    expect((await run(['kajabidemo'])).stderr).toContain('did you mean "kajabi-demo"?');
    logs.groups.clear();
    expect((await run(['kajabi-demo'])).stderr).toBe(
      'error: There are no functions of the namespace "evertoken" in us-east-1: deploy them with "npx cdk deploy --all".\n',
    );
  });

  it('says that the local endpoint has none', async () => {
    const { stderr, exitCode } = await deployment.run(['logs', 'kajabi-demo']);
    expect(stderr).toBe(
      `error: The endpoint ${deployment.system.endpoint.url} keeps no logs of functions. What happens there is printed where it runs (npm start), and told by "evertoken history".\n`,
    );
    expect(exitCode).toBe(1);
  });
});
