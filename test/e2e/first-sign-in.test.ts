import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { parseConnections } from '../../functions/connections/parse/parse-connections.ts';
import { systemClock } from '../../functions/handlers/system-clock.ts';
import { presetIds } from '../../functions/providers/presets.ts';
import { assemblyDeployment } from '../../local/assembly-deployment.ts';
import { localSetup } from '../../local/connections.ts';
import type { LocalSystem } from '../../local/system.ts';
import { FetchBrowser } from '../cli/authorization/support/fetch-browser.ts';
import { authorize, NAME, type SignInWorld } from '../cli/authorization/support/running-command.ts';
import {
  CLIENT_ID,
  CLIENT_SECRET,
  startSignInProvider,
} from '../cli/authorization/support/sign-in-provider.ts';
import { runCommand } from '../cli/support/run-command.ts';
import { canarySecret } from '../support/canary.ts';
import { startSynthesisedSystem } from '../support/synthesised-system.ts';

/** As `npm run -s evertoken --` sets it. */
const BY_NPM = { npm_lifecycle_event: 'evertoken' };
const OWN = 'npm run -s evertoken -- ';

it('what init prints, followed to the letter, ends in a token: one deployment, one sign-in', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'evertoken-first-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const provider = await startSignInProvider();
  onTestFinished(() => provider.close());
  const { issuer } = provider;
  const file = join(folder, 'connections.json');
  const env = { ...BY_NPM, EVERTOKEN_ALLOWED_TOKEN_ORIGINS: issuer };

  const init = await runCommand(
    [
      ...[
        'init',
        NAME,
        '--token-url',
        `${issuer}/token`,
        '--credentials',
        'books',
        '--grants',
        'refresh_token',
      ],
      ...['--scope', 'openid offline_access', '--file', file],
    ],
    { env },
  );
  expect(init.stderr).toBe(`The metadata of the provider says where a person signs in: ${issuer}/auth\n`);
  const [, next = ''] = init.stdout.split('Next:\n');
  const steps = next
    .trimEnd()
    .split('\n')
    .map((line) => line.trim());
  expect(steps).toEqual([
    `npx cdk deploy --all -c connections=${file}`,
    `${OWN}credentials set books`,
    `${OWN}authorize ${NAME}`,
    `${OWN}status ${NAME}`,
  ]);

  const system = await deploy(file, issuer);
  const endpointUrl = system.endpoint.url;
  const [, setCredentials = '', , status = ''] = steps.map((step) => step.replace(OWN, ''));
  const stored = await runCommand(setCredentials.split(' '), {
    endpointUrl,
    env,
    typed: [
      ['client_id', CLIENT_ID],
      ['client_secret', CLIENT_SECRET],
    ],
  });
  expect(stored.stdout).toContain('Stored evertoken/credentials/books: client_id, client_secret.');

  const signIn = authorize({
    allowedOrigins: [issuer],
    deployment: { clock: systemClock },
  } as unknown as SignInWorld);
  await new FetchBrowser().signIn(await signIn.opened);
  expect(await signIn.exitCode).toBe(0);

  const seen = await runCommand(status.split(' '), { endpointUrl, env });
  expect(seen).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/health\s+healthy/) });
  const token = await runCommand(['token', NAME], { endpointUrl, env, printsSecret: true });
  expect(token).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(canarySecret('sign-in')) });
}, 120_000);

/** What `npx cdk deploy --all` does, on this machine: the same app, synthesised and deployed. */
async function deploy(file: string, origin: string): Promise<LocalSystem> {
  const parsed = parseConnections(await readFile(file, 'utf8'), { file, providers: await presetIds() });
  if (!parsed.ok) throw new Error('init wrote what cannot be read');
  const system = await startSynthesisedSystem({
    deployment: assemblyDeployment({}),
    setupFor: (providers) =>
      localSetup(parsed.connections, providers, { allowedOrigins: [origin], isKept: true }),
  });
  onTestFinished(async () => {
    await system.stop();
  });
  vi.stubEnv('AWS_ENDPOINT_URL', system.endpoint.url);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', canarySecret('aws'));
  onTestFinished(() => void vi.unstubAllEnvs());
  return system;
}
