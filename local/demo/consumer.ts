import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { Secret } from '../../functions/oauth/secret.ts';
import type { Clock } from '../../functions/refresh/ports/outside.ts';

/** A token that is read and used, as a service of yours would. */
export interface ConsumedToken {
  readonly connection: string;
  readonly secretId: string;
  /** Called with the token; absent when nothing here accepts it, and it is only read. */
  readonly protectedUrl?: string | undefined;
  /** Tokens obtained before this instant (epoch milliseconds) count as missing. Default: none does. */
  readonly obtainedFrom?: number;
}

/** What a consumer met with one connection. */
export interface ConsumerCounts {
  /** Reads that found a token. */
  reads: number;
  /** Calls with a token that were answered with 401 or 403. */
  rejected: number;
  /** Reads that found a token whose `expires_at` had passed. */
  expired: number;
  /** Reads before the first token. */
  missing: number;
  /** Reads and calls that failed for another reason; after the first token, finding none is one. */
  failed: number;
}

export interface ConsumerEvent {
  readonly type: 'read-rejected' | 'expired-read' | 'read-failed';
  readonly connection: string;
  /** What happened, in words; nothing secret. */
  readonly detail: string;
}

export interface ConsumerOptions {
  readonly tokens: readonly ConsumedToken[];
  readonly secretsManager: SecretsManagerClient;
  /** Reads tokens that lie in a parameter, to which their secret points. */
  readonly ssm: SSMClient;
  readonly clock: Clock;
  /** Time between two reads of one token. Default 1,000. */
  readonly everyMs?: number;
  readonly onEvent?: (event: ConsumerEvent) => void;
}

export interface Consumer {
  readonly counts: ReadonlyMap<string, Readonly<ConsumerCounts>>;
  /** Resolves when no read is in flight any more; one that was is not counted. */
  stop(): Promise<void>;
}

const CALL_TIMEOUT_MS = 10_000;

interface Token {
  readonly access_token: Secret;
  readonly expiresAt: number;
  readonly obtainedAt: number;
}

/** Reads every token once a second through the AWS SDK and calls its provider with it. */
export function startConsumer(options: ConsumerOptions): Consumer {
  const { clock, everyMs = 1000 } = options;
  const stopping = new AbortController();
  const counts = new Map(options.tokens.map(({ connection }) => [connection, noCounts()]));

  async function follow(token: ConsumedToken, count: ConsumerCounts): Promise<void> {
    while (!stopping.signal.aborted) {
      const startedAt = clock.now();
      await readOnce(options, token, count, stopping.signal);
      const tookMs = clock.now() - startedAt;
      await clock.sleep(Math.max(0, everyMs - tookMs), stopping.signal);
    }
  }

  const running = options.tokens.map((token) => follow(token, counts.get(token.connection) ?? noCounts()));
  return {
    counts,
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

async function readOnce(
  options: ConsumerOptions,
  { connection, secretId, protectedUrl, obtainedFrom = 0 }: ConsumedToken,
  count: ConsumerCounts,
  stopping: AbortSignal,
): Promise<void> {
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(CALL_TIMEOUT_MS)]);
  const tell = (type: ConsumerEvent['type'], detail: string) =>
    options.onEvent?.({ type, connection, detail });
  const fail = (detail: string) => {
    if (stopping.aborted) return;
    count.failed++;
    tell('read-failed', detail);
  };
  try {
    const token = await readToken(options, secretId, signal);
    if (token === undefined || token.obtainedAt < Math.floor(obtainedFrom / 1000) * 1000) {
      if (count.reads > 0) fail('the token is gone');
      else count.missing++;
      return;
    }
    const lateMs = options.clock.now() - token.expiresAt;
    const status = protectedUrl && (await call(protectedUrl, token.access_token, signal));
    count.reads++;
    if (lateMs >= 0) {
      count.expired++;
      tell('expired-read', `the token had expired ${lateMs} ms before`);
    }
    if (status === 401 || status === 403) {
      count.rejected++;
      tell('read-rejected', `the provider answered ${status}`);
    } else if (status !== undefined && status !== 200) {
      fail(`the provider answered ${status}`);
    }
  } catch (error) {
    fail(error instanceof Error ? error.name : 'unknown');
  }
}

async function readToken(
  { secretsManager, ssm }: Pick<ConsumerOptions, 'secretsManager' | 'ssm'>,
  secretId: string,
  signal: AbortSignal,
): Promise<Token | undefined> {
  let value: string | undefined;
  try {
    const command = new GetSecretValueCommand({ SecretId: secretId });
    value = (await secretsManager.send(command, { abortSignal: signal })).SecretString;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
  const { parameter: Name } = JSON.parse(value ?? '');
  if (typeof Name === 'string') {
    const command = new GetParameterCommand({ Name, WithDecryption: true });
    value = (await ssm.send(command, { abortSignal: signal })).Parameter?.Value;
  }
  const { access_token, expires_at, obtained_at } = JSON.parse(value ?? '');
  return {
    access_token: new Secret(String(access_token)),
    expiresAt: Number(expires_at) * 1000,
    obtainedAt: Number(obtained_at) * 1000,
  };
}

async function call(url: string, token: Secret, signal: AbortSignal): Promise<number> {
  const response = await fetch(url, {
    headers: { Authorization: `Bearer ${token.reveal()}` },
    redirect: 'manual',
    signal,
  });
  await response.arrayBuffer();
  return response.status;
}

function noCounts(): ConsumerCounts {
  return { reads: 0, rejected: 0, expired: 0, missing: 0, failed: 0 };
}
