import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliDeployment, startCliDeployment } from '../support/cli-deployment.ts';
import { timeless } from '../support/run-command.ts';

const HOUR = 3_600_000;
let deployment: CliDeployment;

beforeAll(async () => {
  // The text has durations in it, which must not depend on how busy the machine is.
  deployment = await startCliDeployment({ speed: 0 });
});

afterAll(() => deployment[Symbol.asyncDispose]());

/** The line for each of the demo's credentials, which nothing binds. */
const newPlaces = () => {
  const { kajabi, rotating, slashid } = deployment.system.providers;
  const line = (name: string, origin: string) =>
    `New: the credentials of ${name} go to ${origin}, and nothing forbids another place: evertoken status ${name}`;
  return [
    line('kajabi-demo', kajabi.origin),
    line('rotating-demo', rotating.origin),
    line('slashid-demo', slashid.origin),
  ].join('\n');
};

describe('evertoken status', () => {
  it('shows every connection', async () => {
    expect(await deployment.run(['status'])).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: `connection     health   expires in  next refresh  last outcome
kajabi-demo    healthy  60 min      38 min        refreshed
rotating-demo  healthy  60 min      11 min        refreshed
slashid-demo   healthy  60 min      63 s          refreshed

${newPlaces()}

Last tick ended 0 s ago: 3 due, 3 refreshed, 0 failed.
3 connections: 3 healthy; none needs a human.
`,
    });
  });

  it('gives way to a narrow terminal, and to nothing else', async () => {
    const options = { columns: 50, env: { NO_COLOR: '1' } };
    const { stdout } = await deployment.run(['status'], { ...options, terminal: true });
    expect(stdout).toBe(`connection     health   expires in  next refresh
kajabi-demo    healthy  60 min      38 min
rotating-demo  healthy  60 min      11 min
slashid-demo   healthy  60 min      63 s

${newPlaces()}

Last tick ended 0 s ago: 3 due, 3 refreshed, 0 failed.
3 connections: 3 healthy; none needs a human.
`);
    expect((await deployment.run(['status'], options)).stdout).toContain('last outcome');
  });

  it('shows one with all that is known of it', async () => {
    const { stdout, exitCode } = await deployment.run(['status', 'kajabi-demo']);
    expect(exitCode).toBe(0);
    expect(timeless(stdout)).toBe(`connection     kajabi-demo
health         healthy
expires in     60 min (<instant>)
next refresh   38 min (<instant>)
last outcome   refreshed
obtained       <instant>
refreshes      1
token in       evertoken/tokens/kajabi-demo
refresh token  ends in 39 h (<instant>)
provider       kajabi
credentials    kajabi-demo
sent to        ${deployment.system.providers.kajabi.origin}
grants         refresh_token, client_credentials
declared by    CDK

kajabi-demo: new_origin
  the credentials "kajabi-demo" go to ${deployment.system.providers.kajabi.origin} for the first time since <instant>, and their secret does not say where they may go
  To do: If that is right, add "allowed_token_origins" to the secret (evertoken credentials set kajabi-demo does so), and they go nowhere else. If not, stop it (evertoken pause kajabi-demo) and have the provider replace them.
`);
  });

  it('says nothing of the place once the credentials are bound to it, or a week later', async () => {
    await using other = await startCliDeployment({ speed: 0 });
    const { origin } = other.system.providers.slashid;
    const { client_id, client_secret } = await other.read('evertoken/credentials/slashid-demo');
    await other.run(['credentials', 'set', 'slashid-demo', '--stdin'], {
      stdin: JSON.stringify({ client_id, client_secret }),
    });
    other.clock.advance(301_000);
    await other.tick();
    const { stdout } = await other.run(['status']);
    expect(stdout).toContain('New: the credentials of kajabi-demo');
    expect(stdout).not.toContain('New: the credentials of slashid-demo');
    expect((await other.run(['doctor'])).stdout).toContain(
      `credentials slashid-demo: go to ${origin} (slashid-demo), and their secret allows no other`,
    );
    other.clock.advance(8 * 24 * 3_600_000);
    expect((await other.run(['status'])).stdout).not.toContain('New:');
  });

  it('is JSON for scripts', async () => {
    const { stdout } = await deployment.run(['status', '--json']);
    expect(JSON.parse(stdout)[2]).toEqual({
      connection: 'slashid-demo',
      health: 'healthy',
      need: null,
      expiresAt: expect.stringMatching(/Z$/),
      nextDueAt: expect.stringMatching(/Z$/),
      lastOutcome: 'refreshed',
      obtainedAt: expect.stringMatching(/Z$/),
      publishedTo: 'evertoken/tokens/slashid-demo',
      refreshTokenExpiresAt: null,
      refreshes: 1,
      failingSince: null,
      error: null,
      misfit: null,
      credentialsSentTo: deployment.system.providers.slashid.origin,
      newOrigin: expect.objectContaining({ code: 'new_origin' }),
    });
  });

  it('colours for a terminal, and never against NO_COLOR', async () => {
    const coloured = await deployment.run(['status'], { terminal: true });
    expect(coloured.stdout).toContain('\u001b[32mhealthy\u001b[39m');
    const plain = await deployment.run(['status'], { terminal: true, env: { NO_COLOR: '1' } });
    expect(plain.stdout).toBe((await deployment.run(['status'])).stdout);
  });

  it('suggests the name that was meant', async () => {
    expect(await deployment.run(['status', 'kajabidemo'])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr:
        'error: There is no connection "kajabidemo" in the namespace "evertoken"; did you mean "kajabi-demo"?\n',
    });
  });

  it('says when there is no deployment, with what to do', async () => {
    expect(await deployment.run(['status', '--namespace', 'staging'])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr:
        'error: There is no deployment with the namespace "staging" in us-east-1 (AWS_REGION): check --namespace, --region and --profile, or deploy it with "npx cdk deploy --all".\n',
    });
  });

  it('shows those that names, patterns, health and provider ask for', async () => {
    const names = async (...args: string[]) => {
      const { stdout } = await deployment.run(['status', ...args, '--json']);
      return JSON.parse(stdout).map(({ connection }: { connection: string }) => connection);
    };
    expect(await names('*-demo')).toEqual(['kajabi-demo', 'rotating-demo', 'slashid-demo']);
    expect(await names('s*', 'kajabi-dem?')).toEqual(['kajabi-demo', 'slashid-demo']);
    expect(await names('slashid-demo', 'kajabi-demo')).toEqual(['kajabi-demo', 'slashid-demo']);
    expect(await names('--provider', 'kajabi')).toEqual(['kajabi-demo']);
    const { host } = new URL(deployment.system.providers.rotating.origin);
    expect(await names('--provider', host)).toEqual(['rotating-demo']);
    expect(await names('*', '--health', 'healthy,retrying')).toHaveLength(3);
    expect(await names('--health', 'misconfigured')).toEqual([]);
    const { stdout } = await deployment.run(['status', 'k*']);
    expect(stdout).toMatch(/\n1 of 3 connections: 1 healthy; none needs a human\.\n$/);
  });

  it.each([
    [['rotating-dem', 'kajabi-demo'], 'called "rotating-dem"; did you mean "rotating-demo"?'],
    [['x*'], 'called "x*".'],
    [['--provider', 'kajaby'], 'has the provider "kajaby"; did you mean "kajabi"?'],
  ])('of %j says that there is none', async (args, words) => {
    const { stderr, exitCode } = await deployment.run(['status', ...args]);
    expect(stderr).toContain(words);
    expect(exitCode).toBe(1);
  });

  it('watches until it is interrupted', async () => {
    const person = new AbortController();
    let looks = 0;
    const { stdout, exitCode } = await deployment.run(['status', '--watch', '--json'], {
      signal: person.signal,
      onWrite: () => {
        looks += 1;
        if (looks === 2) person.abort();
      },
      clock: { now: () => deployment.clock.now(), sleep: async () => undefined },
    });
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[1] ?? '')).toHaveLength(3);
    expect(exitCode).toBe(0);
  });

  it('redraws a terminal in place', async () => {
    const person = new AbortController();
    const { stdout } = await deployment.run(['status', '--watch', 'slashid-demo'], {
      signal: person.signal,
      terminal: true,
      onWrite: () => person.abort(),
    });
    expect(stdout.startsWith('\u001b[1;1H\u001b[0Jconnection')).toBe(true);
  });

  it('says that no tick comes, of all and of one, and that a person is needed for it', async () => {
    await using other = await startCliDeployment({ speed: 0 });
    other.clock.advance(301_000);
    for (const args of [['status'], ['status', 'kajabi-demo']]) {
      const { stdout, exitCode } = await other.run(args);
      expect(stdout).toContain('No tick has come to its end since ');
      expect(stdout).toContain('  To do: Look whether this is the namespace and the Region');
      expect(exitCode).toBe(3);
    }
  });

  it('says what is the matter, in words, and what to do about it', async () => {
    const { system, clock } = deployment;
    system.providers.rotating.killRefreshTokens();
    clock.advance(2 * HOUR);
    await deployment.tick();
    const { stdout, exitCode } = await deployment.run(['status']);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(
      /^rotating-demo {2}needs-reauthorization {2}expired {5}\S+ (?:s|min) +needs-reauthorization$/m,
    );
    expect(stdout).toContain(`
rotating-demo: invalid_grant, for 0 s
  The token endpoint answered HTTP 400, invalid_grant: `);
    expect(stdout).toContain(
      'To do: Sign in again (evertoken authorize rotating-demo), or store a new refresh token; the next tick picks it up.\n',
    );
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      '3 connections: 1 needs-reauthorization, 2 healthy; 1 needs a human.',
    );
    expect((await deployment.run(['status', 'rotating-demo'])).exitCode).toBe(3);
    expect((await deployment.run(['status', 'slashid-demo'])).exitCode).toBe(0);
  });
});
