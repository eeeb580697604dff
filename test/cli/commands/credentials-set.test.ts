import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
They may be sent to ${system.providers.slashid.origin}, and nowhere else.
1 connection will use them at the next tick: slashid-demo.
`,
    });
    expect((await deployment.state('slashid-demo'))?.dueAt).toBeLessThanOrEqual(clock.now());
    // The function is warm, and this provider's refusal does not name what it refuses.
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
      allowed_token_origins: [deployment.system.providers.kajabi.origin],
    });
  });

  it('asks whether another name was meant, and stores nothing when it was', async () => {
    const { stdout, stderr, exitCode } = await deployment.run(['credentials', 'set', 'kajabi-dmeo'], {
      typed: [['did you mean', 'n']],
    });
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 });
    expect(stderr).toContain('No connection uses the credentials "kajabi-dmeo"; did you mean "kajabi-demo"?');
    await expect(deployment.read('evertoken/credentials/kajabi-dmeo')).rejects.toThrow();
  });

  it('warns of it where there is nobody to ask', async () => {
    await deployment.declare('books', { provider: 'slashid', credentials: 'of-books' });
    const stdin = JSON.stringify({ client_id: 'new', client_secret: clientSecret });
    const { stderr, exitCode } = await deployment.run(['credentials', 'set', 'books', '--stdin'], { stdin });
    expect(exitCode).toBe(0);
    expect(stderr).toBe(
      'warning: No connection uses the credentials "books"; did you mean "of-books", which the connection "books" uses?\n',
    );
  });

  it('creates the secret where there is none yet', async () => {
    const stdin = JSON.stringify({ client_id: 'new', client_secret: clientSecret });
    const { stdout } = await deployment.run(['credentials', 'set', 'new-one', '--stdin'], { stdin });
    expect(stdout).toBe(
      `Stored evertoken/credentials/new-one: client_id, client_secret.
They may be sent wherever a connection that names them says: store them again once it is declared, or give --allow-origin.
No connection uses them yet.
`,
    );
    expect(await deployment.read('evertoken/credentials/new-one')).toMatchObject({ client_id: 'new' });
  });

  it('reads what a refresher would read, and stores it under its own names', async () => {
    const text = JSON.stringify({ schema: '1', ClientId: ' new ', consumer_secret: `${clientSecret}\n` });
    const stdin = `\uFEFF${JSON.stringify(text)}\n`;
    const { stdout } = await deployment.run(['credentials', 'set', 'odd-one', '--stdin'], { stdin });
    expect(stdout).toContain('Stored evertoken/credentials/odd-one: client_id, client_secret.');
    expect(await deployment.read('evertoken/credentials/odd-one')).toEqual({
      schema: 1,
      client_id: 'new',
      client_secret: clientSecret,
    });
  });

  it('writes where they may be sent: what is given beside the connections, or what the input says alone', async () => {
    const { origin } = deployment.system.providers.slashid;
    const values = { client_id: 'demo-slashid-client', client_secret: clientSecret };
    const allowed = async (input: object, ...args: string[]) => {
      const stdin = JSON.stringify({ ...values, ...input });
      const result = await deployment.run(
        ['credentials', 'set', 'slashid-demo', '--stdin', '--json', ...args],
        {
          stdin,
        },
      );
      expect(result.exitCode).toBe(0);
      const { allowed_token_origins: stored } = await deployment.read('evertoken/credentials/slashid-demo');
      expect(JSON.parse(result.stdout)).toMatchObject({ allowedTokenOrigins: stored });
      return stored;
    };
    expect(await allowed({}, '--allow-origin', 'https://*.idp.example')).toEqual([
      origin,
      'https://*.idp.example',
    ]);
    expect(await allowed({ allowed_token_origins: 'https://a.example, https://b.example' })).toEqual([
      'https://a.example',
      'https://b.example',
    ]);
    expect(await allowed({ allowed_token_origins: [] })).toEqual([]);
    expect(await allowed({})).toEqual([origin]);
  });

  it.each([
    ['an origin with a path', ['--allow-origin', 'https://idp.example/token'], {}, '--allow-origin'],
    ['a wildcard for everybody', ['--allow-origin', 'https://*.com'], {}, 'would be anybody'],
    [
      'an entry of the input that is none',
      [],
      { allowed_token_origins: ['idp.example'] },
      '"allowed_token_origins" holds an entry that is no origin',
    ],
  ])('refuses %s, and stores nothing', async (_, args, input, message) => {
    const before = await deployment.read('evertoken/credentials/slashid-demo');
    const stdin = JSON.stringify({ client_id: 'x', client_secret: clientSecret, ...input });
    const command = ['credentials', 'set', 'slashid-demo', '--stdin', ...args];
    const { exitCode, stderr } = await deployment.run(command, { stdin });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
    expect(await deployment.read('evertoken/credentials/slashid-demo')).toEqual(before);
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

  it('takes the JSON file of a service account as it is', async () => {
    const file = {
      type: 'service_account',
      project_id: 'project-1',
      private_key_id: '0a1b2c3d',
      private_key: canarySecret('key'),
      client_email: 'robot@project-1.example',
      client_id: '123456789012345678901',
      token_uri: 'https://oauth2.google.example/token',
      auth_provider_x509_cert_url: 'https://www.google.example/oauth2/v1/certs',
    };
    const result = await deployment.run(['credentials', 'set', 'robot', '--stdin'], {
      stdin: JSON.stringify(file),
    });
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.stdout).toContain(
      'client_id, private_key, type, project_id, private_key_id, client_email, token_uri, ….',
    );
    expect(await deployment.read('evertoken/credentials/robot')).toEqual({ schema: 1, ...file });
  });

  it('asks for what the rules of a connection name, hidden, and for a certificate by its file', async () => {
    await deployment.declare('signed', {
      tokenUrl: deployment.system.providers.slashid.tokenUrl,
      credentials: 'signer',
      rules: {
        request: {
          clientAuthentication: 'none',
          clientCertificate: true,
          sendOnly: { client_credentials: ['grant_type', 'account'] },
          parameters: { account: '{credential.account}' },
        },
      },
    });
    const folder = await mkdtemp(join(tmpdir(), 'evertoken-'));
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    await writeFile(key, canarySecret('key'));
    await writeFile(certificate, 'a certificate');
    const { exitCode, stdout } = await deployment.run(['credentials', 'set', 'signer'], {
      typed: [
        ['file with the private key', key],
        ['file with the certificate', certificate],
        ['account', canarySecret('account')],
        ['key_id', ''],
      ],
    });
    await rm(folder, { recursive: true });
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('private_key, certificate, account')]);
    expect(await deployment.read('evertoken/credentials/signer')).toMatchObject({
      private_key: canarySecret('key'),
      certificate: 'a certificate',
      account: canarySecret('account'),
    });
  });

  it.each([
    ['nothing', '', 'Standard input is empty.'],
    [
      'a plain string',
      clientSecret,
      'standard input: the secret is a plain string; expected JSON with client_id and client_secret.',
    ],
    ['an array', '[]', 'standard input: the secret is a JSON array; expected JSON'],
    ['a newer schema', JSON.stringify({ schema: '2', client_id: 'x' }), 'standard input has schema 2'],
    ['an empty object', '{}', 'the object has no field of client_id, client_secret'],
    [
      'a misspelt field',
      JSON.stringify({ clientSecrets: clientSecret }),
      'standard input: "clientSecrets" is no field of credentials; did you mean "client_secret"?',
    ],
    ['an empty value', '{"client_secret": ""}', '"client_secret" must be a string that is not empty.'],
    ['a line break for a value', '{"client_secret": "\\n"}', '"client_secret" must be a string that is not'],
    ['a number', '{"client_secret": 7}', '"client_secret" must be a string.'],
    ['too much', 'x'.repeat(70_000), 'Standard input has more than 65536 bytes.'],
  ])('refuses %s, and repeats no value', async (_, stdin, message) => {
    const { stderr, exitCode } = await deployment.run(['credentials', 'set', 'x', '--stdin'], { stdin });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });
});
