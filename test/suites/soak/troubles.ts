import { TokenError } from '../../../functions/oauth/token-error.ts';
import { StoreError } from '../../../functions/refresh/ports/stores.ts';
import type { Call } from '../../support/refresh-world.ts';
import { PROVIDERS } from './fleet.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A time in which a provider, or AWS, is not itself. */
export interface Trouble {
  readonly name: string;
  /** Epoch milliseconds. */
  readonly from: number;
  readonly until: number;
  /** Until when waits that it set may last: a Retry-After, or the wait for a send without an answer. */
  readonly overAt: number;
  /** Default: all of AWS. */
  readonly provider?: number;
  /** What a call meets; `undefined` where it is not touched. `fraction` is uniform in [0, 1). */
  readonly failure: (call: Call, fraction: number) => Error | undefined;
  /** How long an answer takes. Default: as ever. */
  readonly answersAfterMs?: number;
}

interface Episode {
  readonly name: string;
  readonly minutes: number;
  /** Minutes that waits may last beyond it. Default 0. */
  readonly waits?: number;
  readonly error?: (fraction: number) => TokenError;
  readonly answersAfterMs?: number;
}

/** What happens to each provider in turn, every ten hours or so. */
const EPISODES: readonly Episode[] = [
  {
    name: 'a page that blocks',
    minutes: 15,
    error: () => new TokenError('unsure', 'http_403', 'blocked', { status: 403 }),
  },
  {
    name: 'a gateway without upstream',
    minutes: 8,
    waits: 10,
    error: () => new TokenError('unanswered', 'http_503', 'no upstream', { status: 503 }),
  },
  {
    name: 'too many requests',
    minutes: 10,
    waits: 10,
    error: (fraction) => {
      const retryAfterMs = 90_000 + fraction * 510_000;
      return new TokenError('throttled', 'http_429', 'slow down', { status: 429, retryAfterMs });
    },
  },
  { name: 'slow answers', minutes: 60, answersAfterMs: 9_000 },
  {
    name: 'a route that is gone',
    minutes: 15,
    error: () => new TokenError('unsure', 'http_404', 'not found', { status: 404 }),
  },
  {
    name: 'a deploy that refuses clients',
    minutes: 3,
    error: () => new TokenError('client-refused', 'invalid_client', 'no such client', { status: 401 }),
  },
  {
    name: 'no connection',
    minutes: 30,
    error: () => new TokenError('never-sent', 'connect_refused', 'the connection was refused'),
  },
];

/** All that goes wrong from `startedAt` on, in `days`. */
export function troublesOf(startedAt: number, days: number): readonly Trouble[] {
  const troubles: Trouble[] = [
    ofAws('Secrets Manager out', startedAt + 20 * DAY_MS, 20, ({ port }) =>
      ['refreshTokens', 'tokens', 'credentials'].includes(port),
    ),
    ofAws('the state table out', startedAt + 18 * DAY_MS, 5, ({ port }) => port === 'state'),
    ofProvider(6, startedAt + 15 * DAY_MS, { ...(EPISODES[0] as Episode), minutes: 24 * 60, waits: 60 }),
    ofProvider(3, startedAt + 10 * DAY_MS, { ...(EPISODES[6] as Episode), minutes: 60 }),
    ofProvider(8, startedAt + 22 * DAY_MS, {
      name: 'refusals that err',
      minutes: 10,
      // A refusal for sure is believed for an hour.
      waits: 60,
      error: () => new TokenError('refused', 'invalid_grant', 'no such session', { status: 400 }),
    }),
  ];
  const isFree = ({ provider, from, until }: Trouble) =>
    troubles.every(
      (other) =>
        (other.provider !== undefined && other.provider !== provider) ||
        until + 3 * HOUR_MS < other.from ||
        from > other.overAt + 3 * HOUR_MS,
    );
  for (let provider = 0; provider < PROVIDERS; provider += 1) {
    for (let turn = 0; ; turn += 1) {
      const from =
        startedAt + 6 * HOUR_MS + provider * 61 * MINUTE_MS + turn * (10 * HOUR_MS + 7 * MINUTE_MS);
      if (from > startedAt + (days - 1) * DAY_MS) break;
      const trouble = ofProvider(provider, from, EPISODES[(turn + provider) % EPISODES.length] as Episode);
      if (isFree(trouble)) troubles.push(trouble);
    }
  }
  return troubles.filter(({ overAt }) => overAt < startedAt + days * DAY_MS);
}

function ofProvider(
  provider: number,
  from: number,
  { name, minutes, waits = 0, error, answersAfterMs }: Episode,
): Trouble {
  const until = from + minutes * MINUTE_MS;
  const meets = (call: Call) =>
    call.method === 'exchange' && (call.input?.tokenUrl.includes(`idp-${provider}.`) ?? false);
  return {
    name,
    from,
    until,
    overAt: until + waits * MINUTE_MS,
    provider,
    failure: (call, fraction) => (meets(call) ? error?.(fraction) : undefined),
    ...(answersAfterMs !== undefined && { answersAfterMs }),
  };
}

function ofAws(name: string, from: number, minutes: number, meets: (call: Call) => boolean): Trouble {
  const until = from + minutes * MINUTE_MS;
  return {
    name,
    from,
    until,
    overAt: until,
    failure: (call) =>
      meets(call) ? new StoreError('transient', 'InternalServiceError', 'try again') : undefined,
  };
}
