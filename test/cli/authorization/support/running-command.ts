import { PassThrough } from 'node:stream';
import { vi } from 'vitest';
import { createAuthorizeCommand } from '../../../../cli/commands/authorize.ts';
import type { ExitCode } from '../../../../cli/exit-code.ts';
import { runCli } from '../../../../cli/run-cli.ts';
import type { Connection } from '../../../../functions/connections/connection.ts';
import { systemRandom } from '../../../../functions/handlers/system-clock.ts';
import { canarySecret } from '../../../support/canary.ts';
import { type Deployment, startDeployment } from '../../../support/deployment.ts';
import {
  CLIENT_ID,
  CLIENT_SECRET,
  type SignInProviderServer,
  startSignInProvider,
} from './sign-in-provider.ts';

export const NAME = 'books/acme';

/** A provider to sign in at, and a deployment with connections to it that have no refresh token yet. */
export interface SignInWorld extends AsyncDisposable {
  readonly provider: SignInProviderServer;
  readonly deployment: Deployment;
  readonly allowedOrigins: readonly string[];
}

export interface SignInWorldOptions {
  readonly speed?: number;
  readonly definition?: (issuer: string) => Partial<Connection>;
  /** Origins beside the provider's to which token requests may go. */
  readonly allowedOrigins?: readonly string[];
}

export async function startSignInWorld({
  speed = 1,
  definition,
  allowedOrigins = [],
}: SignInWorldOptions = {}): Promise<SignInWorld> {
  const provider = await startSignInProvider();
  const { issuer } = provider;
  const allowed = [issuer, ...allowedOrigins];
  const connection: Connection = {
    issuer,
    credentials: 'books',
    grants: ['refresh_token'],
    scope: 'openid offline_access',
    ...definition?.(issuer),
  };
  const deployment = await startDeployment({
    speed,
    setupFor: () => ({
      connections: [{ name: NAME, definition: connection }],
      credentials: new Map([['books', { client_id: CLIENT_ID, client_secret: CLIENT_SECRET }]]),
      refreshTokens: new Map([[NAME, undefined]]),
      allowedTokenOrigins: allowed,
    }),
  });
  vi.stubEnv('AWS_ENDPOINT_URL', deployment.system.endpoint.url);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', canarySecret('aws'));
  return {
    provider,
    deployment,
    allowedOrigins: allowed,
    async [Symbol.asyncDispose]() {
      vi.unstubAllEnvs();
      await deployment[Symbol.asyncDispose]();
      await provider.close();
    },
  };
}

/** A command under way. */
export interface RunningCommand {
  /** The address that it opened in the browser. */
  readonly opened: Promise<string>;
  /** Standard error once it holds what is looked for. */
  said(what: RegExp): Promise<string>;
  readonly stdin: PassThrough;
  readonly exitCode: Promise<ExitCode>;
  stdout(): string;
  stderr(): string;
  interrupt(): void;
}

/** Runs `evertoken authorize …` in this process. */
export function authorize(
  { allowedOrigins, deployment }: SignInWorld,
  args: readonly string[] = [],
  { isTTY = false, openBrowser }: { isTTY?: boolean; openBrowser?: (url: string) => Promise<void> } = {},
): RunningCommand {
  const opened = Promise.withResolvers<string>();
  const interruption = new AbortController();
  const stdin = Object.assign(new PassThrough(), { isTTY });
  const stdout = collecting();
  const stderr = Object.assign(collecting(), { isTTY, columns: 100 });
  const command = createAuthorizeCommand(
    openBrowser ??
      (async (url) => {
        opened.resolve(url);
      }),
  );
  const io = {
    stdin,
    stdout,
    stderr,
    env: { NO_COLOR: '1', EVERTOKEN_ALLOWED_TOKEN_ORIGINS: allowedOrigins.join(' ') },
    clock: deployment.clock,
    random: systemRandom,
    signal: interruption.signal,
  };
  return {
    opened: opened.promise,
    said: async (what) => {
      await vi.waitFor(
        () => {
          if (!what.test(stderr.text())) throw new Error(`not said yet: ${what}`);
        },
        { timeout: 5_000, interval: 5 },
      );
      return stderr.text();
    },
    stdin,
    exitCode: runCli(['authorize', NAME, ...args], io, [
      { name: 'authorize', summary: '', load: async () => command },
    ]),
    stdout: stdout.text,
    stderr: stderr.text,
    interrupt: () => interruption.abort(),
  };
}

function collecting() {
  const stream = new PassThrough().setEncoding('utf8');
  let text = '';
  stream.on('data', (chunk: string) => {
    text += chunk;
  });
  // A prompt ends what it was piped to; standard output and error of a process it cannot.
  return Object.assign(stream, { text: () => text, end: () => stream });
}
