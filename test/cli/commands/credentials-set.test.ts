import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canarySecret } from '../../support/canary.ts';
import { type CliDeployment, startCliDeployment } from '../support/cli-deployment.ts';

let deployment: CliDeployment;
const clientSecret = canarySecret('set-by-command');

beforeAll(async () => {
  deployment = await startCliDeployment();
});

afterAll(() => deployment[Symbol.asyncDispose]());

describe('evertoken credentials set', () => {
  it('stores what is piped in, and wakes the connections that use it', async () => {
    const { system, clock } = deployment;
    system.providers.slashid.setClientSecret(clientSecret);
    const stdin = JSON.stringify({ client_id: 'demo-slashid-client', client_secret: clientSecret });
    expect(await deployment.run(['credentials', 'set', 'slashid-demo', '--stdin'], { stdin })).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: `Stored evertoken/credentials/slashid-demo: client_id, client_secret.
1 connection will use them at the next tick: slashid-demo.
`,
    });
    expect((await deployment.state('slashid-demo'))?.dueAt).toBeLessThanOrEqual(clock.now());
    // For so long a warm function keeps credentials in memory; this provider's refusal does not name them.
    clock.advance(301_000);
    await deployment.tick();
    expect((await deployment.state('slashid-demo'))?.lastOutcome).toBe('refreshed');
  });

  it('asks a person for what the connections need, showing nothing of a secret', async () => {
    const { stdout, stderr, exitCode } = await deployment.run(['credentials', 'set', 'kajabi-demo'], {
      typed: [
        ['client_id', 'demo-kajabi-client'],
        ['client_secret', clientSecret],
      ],
    });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Stored evertoken/credentials/kajabi-demo: client_id, client_secret.');
    expect(stderr).not.toContain('*');
    expect(await deployment.read('evertoken/credentials/kajabi-demo')).toEqual({
      schema: 1,
      client_id: 'demo-kajabi-client',
      client_secret: clientSecret,
    });
  });

  it('creates the secret where there is none yet', async () => {
    const stdin = JSON.stringify({ client_id: 'new', client_secret: clientSecret });
    const { stdout } = await deployment.run(['credentials', 'set', 'new-one', '--stdin'], { stdin });
    expect(stdout).toBe(
      'Stored evertoken/credentials/new-one: client_id, client_secret.\nNo connection uses them yet.\n',
    );
    expect(await deployment.read('evertoken/credentials/new-one')).toMatchObject({ client_id: 'new' });
  });

  it('takes a private key as text or as a JWK', async () => {
    const stdin = JSON.stringify({
      client_id: 'x',
      private_key: { kty: 'EC', d: canarySecret('d') },
      key_id: '1',
    });
    const { exitCode } = await deployment.run(['credentials', 'set', 'with-key', '--stdin'], { stdin });
    expect(exitCode).toBe(0);
    expect(await deployment.read('evertoken/credentials/with-key')).toMatchObject({
      private_key: { kty: 'EC', d: canarySecret('d') },
    });
  });

  it.each([
    ['nothing', '', 'Standard input is empty.'],
    ['no JSON', clientSecret, 'standard input holds no JSON object; expected e.g.'],
    ['an array', '[]', 'standard input holds no JSON object'],
    ['an empty object', '{}', 'the object has no field of client_id, client_secret'],
    [
      'a misspelt field',
      JSON.stringify({ clientSecret }),
      'standard input: "clientSecret" is no field of credentials; did you mean "client_secret"?',
    ],
    ['an empty value', '{"client_secret": ""}', '"client_secret" must be a string that is not empty.'],
    ['a number', '{"client_secret": 7}', '"client_secret" must be a string that is not empty.'],
    ['too much', 'x'.repeat(70_000), 'Standard input has more than 65536 bytes.'],
  ])('refuses %s, and repeats no value', async (_, stdin, message) => {
    const { stderr, exitCode } = await deployment.run(['credentials', 'set', 'x', '--stdin'], { stdin });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });
});
