import type { Connection } from '../../../functions/connections/connection.ts';
import { listenOnLoopback, sendJson } from '../../../local/providers/provider-server.ts';
import { type CliDeployment, startCliDeployment } from './cli-deployment.ts';
import { type RunOptions, timeless } from './run-command.ts';

/** What the endpoint does with one request; `reset` cuts the connection after the request was read. */
export type RevocationAnswer = { readonly status: number; readonly body?: object } | 'reset';

/** Judges one request by its form. */
export type Answering = (form: URLSearchParams) => RevocationAnswer | Promise<RevocationAnswer>;

/** An authorization server of which nothing works but its metadata and its revocation endpoint. */
export interface RevocationEndpoint extends AsyncDisposable {
  /** Its issuer identifier too. */
  readonly origin: string;
  readonly url: string;
  readonly tokenUrl: string;
  /** The forms that came, in order. */
  readonly requests: readonly URLSearchParams[];
  /** The `token_type_hint` of each. */
  hints(): (string | null)[];
  /** How it answers from now on. Default: 200, as RFC 7009 section 2.2 says. */
  answerWith(answering: Answering): void;
  forget(): void;
}

async function startRevocationEndpoint(): Promise<RevocationEndpoint> {
  const requests: URLSearchParams[] = [];
  let answering: Answering = () => ({ status: 200 });
  const server = await listenOnLoopback(0, (origin) => async (request, response) => {
    if (request.url === '/.well-known/oauth-authorization-server') {
      sendJson(response, 200, {
        issuer: origin,
        token_endpoint: `${origin}/token`,
        revocation_endpoint: `${origin}/revoke`,
      });
      return;
    }
    const form = new URLSearchParams(Buffer.concat(await request.toArray()).toString('utf8'));
    requests.push(form);
    const answer = await answering(form);
    if (answer === 'reset') request.socket.resetAndDestroy();
    else sendJson(response, answer.status, answer.body ?? {});
  });
  const { origin } = server;
  return {
    origin,
    url: `${origin}/revoke`,
    tokenUrl: `${origin}/token`,
    requests,
    hints: () => requests.map((form) => form.get('token_type_hint')),
    answerWith: (next) => {
      answering = next;
    },
    forget: () => {
      requests.length = 0;
    },
    [Symbol.asyncDispose]: server.close,
  };
}

/** Answers by what kind of token is to be taken back; what is not named is taken back. */
export function byKind(answers: {
  readonly refresh_token?: RevocationAnswer;
  readonly access_token?: RevocationAnswer;
}): Answering {
  return (form) =>
    answers[form.get('token_type_hint') as 'refresh_token' | 'access_token'] ?? { status: 200 };
}

/** The connection of which `startRevocation` has tokens taken back. */
export const NAME = 'rotating-demo';

/** A deployment with a refreshed connection, whose provider's revocation endpoint the test directs. */
export interface RevocationScenario extends AsyncDisposable {
  readonly deployment: CliDeployment;
  readonly provider: RevocationEndpoint;
  declare(more: Partial<Connection>): Promise<void>;
  /** Runs the command; what it prints comes by lines, without instants. */
  revoke(options?: RunOptions): Promise<{ exitCode: number; lines: string[]; stderr: string }>;
  /** Whether the connection is paused, and whether a refresh would never send its refresh token again. */
  stand(): Promise<{ paused: boolean; isMarked: boolean }>;
}

export async function startRevocation(): Promise<RevocationScenario> {
  await using started = new AsyncDisposableStack();
  const provider = started.use(await startRevocationEndpoint());
  const deployment = started.use(await startCliDeployment());
  const declare = (more: Partial<Connection>) =>
    deployment.declare(NAME, { credentials: NAME, grants: ['refresh_token'], ...more });
  await declare({ tokenUrl: provider.tokenUrl, revocationUrl: provider.url });
  const running = started.move();
  return {
    deployment,
    provider,
    declare,
    revoke: async (options = {}) => {
      const env = { EVERTOKEN_ALLOWED_TOKEN_ORIGINS: provider.origin };
      const args = ['revoke', NAME, '--yes'];
      const { exitCode, stdout, stderr } = await deployment.run(args, { env, ...options });
      return { exitCode, lines: timeless(stdout).trimEnd().split('\n'), stderr };
    },
    stand: async () => {
      const state = await deployment.state(NAME);
      const isRefused = state?.refusedRefreshTokenVersionId === state?.refreshTokenVersionId;
      return { paused: state?.paused ?? false, isMarked: isRefused && state?.lastErrorCode === 'revoked' };
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
