import { parameterName, secretName } from '../../functions/aws/resource-names.ts';
import { credentialsName } from '../../functions/connections/connection-labels.ts';
import { fit } from '../../functions/connections/fit.ts';
import type {
  ConnectionState,
  LastingOutcome,
  NeedReport,
  RefreshFailure,
} from '../../functions/refresh/connection-state.ts';
import { resultOf } from '../../functions/refresh/refresh-result.ts';
import { type Health, health } from '../../functions/refresh/rules/health.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';

/** How a connection stands, for a person or a script. Instants are ISO 8601. */
export interface ConnectionStatus {
  readonly connection: string;
  readonly health: Health;
  readonly expiresAt: string | null;
  /** `null` while paused. */
  readonly nextDueAt: string | null;
  /** `null` before the first refresh. */
  readonly lastOutcome: LastingOutcome | null;
  /** When the token was obtained. */
  readonly obtainedAt: string | null;
  /** Where the token is: its secret, one of one's own, or a parameter that its secret points to. */
  readonly publishedTo: string;
  readonly refreshTokenExpiresAt: string | null;
  /** Successful refreshes so far. */
  readonly refreshes: number;
  /** Since when it has been failing in this way. */
  readonly failingSince: string | null;
  /** What the last try failed with; asks for nothing while nobody is needed. */
  readonly error: RefreshFailure | null;
  /** Why a person is needed, since when, and what to do; `null` when nobody is. */
  readonly need: NeedReport | null;
  /** Why its tokens cannot be kept fresh all the time, though nothing fails. */
  readonly misfit: RefreshFailure | null;
  /** The origin, or pattern of origins, that its credentials were sent to last. */
  readonly credentialsSentTo: string | null;
  /** They went there for the first time of late, and nothing says that they may. */
  readonly newOrigin: RefreshFailure | null;
}

/** `now` in epoch milliseconds. */
export function statusOf(state: ConnectionState, now: number, namespace: string): ConnectionStatus {
  const result = resultOf(state, state.lastOutcome ?? 'retry-later', now, namespace);
  const { expiresAt, nextDueAt, error, need } = result;
  return {
    connection: state.name,
    health: health(state, now),
    expiresAt,
    nextDueAt,
    lastOutcome: state.lastOutcome ?? null,
    obtainedAt: iso(state.obtainedAt),
    publishedTo: placeOf(state, namespace),
    refreshTokenExpiresAt: iso(state.refreshTokenExpiresAt),
    refreshes: state.generation,
    failingSince: error === null ? null : iso(state.lastErrorAt),
    error,
    need,
    misfit: misfitOf(state),
    credentialsSentTo: state.credentialsSentTo ?? null,
    newOrigin: newOriginOf(state, now),
  };
}

function placeOf({ name, definition, publishedTo }: ConnectionState, namespace: string): string {
  if (definition.token !== undefined) return definition.token.secretArn;
  return publishedTo === 'parameter'
    ? parameterName.token(namespace, name)
    : secretName.token(namespace, name);
}

/** The lifetime that the provider answers with, held against what a secret takes. */
function misfitOf(state: ConnectionState): RefreshFailure | null {
  const { stretched, expiresAt, obtainedAt, definition } = state;
  if (!stretched || expiresAt === undefined || obtainedAt === undefined) return null;
  const lifetimeSeconds = Math.round((expiresAt - obtainedAt) / 1000);
  const { marginSeconds, readerCacheSeconds, publishTo } = definition;
  // Without a word of it, it would have been moved by itself if it could.
  const mayMove = publishTo === 'secret';
  const [problem] = fit({ lifetimeSeconds, marginSeconds, readerCacheSeconds, mayMove });
  const short = `its tokens live ${lifetimeSeconds} s, shorter than their secret can be written, so that readers find an expired one in between`;
  return {
    code: 'lifetime_too_short',
    message: problem === undefined ? short : `${short}: ${problem.message}`,
    remedy: problem?.remedy ?? 'have the provider issue tokens that live longer',
  };
}

/** For so long a new destination is shown. */
const NEW_FOR_MS = 7 * 24 * 3_600_000;

function newOriginOf(state: ConnectionState, now: number): RefreshFailure | null {
  const { name, credentialsSentTo, credentialsSentToSince, credentialsBound, definition } = state;
  if (credentialsSentTo === undefined || credentialsSentToSince === undefined || credentialsBound)
    return null;
  if (now - credentialsSentToSince > NEW_FOR_MS) return null;
  const { credentials } = definition;
  const which = credentialsName(definition);
  if (credentials === undefined) {
    return {
      code: 'new_origin',
      message: `tokens of the functions' own identity go to ${credentialsSentTo} for the first time since ${iso(credentialsSentToSince)}`,
      remedy: `If that is wrong, stop it (evertoken pause ${name}), correct its URLs, and look at the provider that trusts this identity: whoever is at ${credentialsSentTo} could have used such a token there for some minutes.`,
    };
  }
  const how = typeof credentials === 'object' ? '' : ` (evertoken credentials set ${which} does so)`;
  return {
    code: 'new_origin',
    message: `the credentials "${which}" go to ${credentialsSentTo} for the first time since ${iso(credentialsSentToSince)}, and their secret does not say where they may go`,
    remedy: `If that is right, add "allowed_token_origins" to the secret${how}, and they go nowhere else. If not, stop it (evertoken pause ${name}) and have the provider replace them.`,
  };
}

/** Whether any of these needs a person. */
export function exitCodeOfNeeds(all: readonly Pick<ConnectionStatus, 'need'>[]): ExitCode {
  return all.some(({ need }) => need !== null) ? EXIT.needsHuman : EXIT.done;
}

function iso(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString();
}
