import { inertStart } from '../../functions/text/inert.ts';
import { mayLive, type Outcome, type Revoked } from '../connections/revoke-tokens.ts';

/** What a revocation came to. */
export interface Revocation extends Revoked {
  readonly name: string;
  readonly wasPaused: boolean;
  /** Epoch milliseconds, where known. */
  readonly accessTokenEndsAt: number | undefined;
  /** Why it could not be noted, in a sentence. */
  readonly trouble?: string | undefined;
}

/** Whether a token may live on, or what was taken back is not noted. */
export function isUnfinished({ refreshToken, accessToken, trouble }: Revocation): boolean {
  // What a provider takes back no more than this is finished (RFC 7009 section 2.2.1).
  const isKept = mayLive(accessToken) && accessToken.code !== UNSUPPORTED;
  return mayLive(refreshToken) || isKept || trouble !== undefined;
}

/** What was taken back, what was not and for how long it lives, and what to do about it. */
export function revocationText(revocation: Revocation): string {
  const { refreshToken, accessToken, trouble } = revocation;
  const isNothingLeft = refreshToken.fate === 'revoked-before' && !mayLive(accessToken);
  const lines = [
    ...(isNothingLeft
      ? [nothingLeft(revocation)]
      : [
          takenBack(revocation),
          refreshTokenText(refreshToken),
          accessTokenText(accessToken, lifeText(revocation.accessTokenEndsAt)),
        ]),
    trouble && inertStart(trouble),
    isUnfinished(revocation) ? `To do: ${remedy(revocation)}` : undefined,
  ];
  return lines.filter((line) => line !== undefined).join('\n');
}

function nothingLeft({ name, wasPaused, accessToken }: Revocation): string {
  const too = accessToken.fate === 'none' ? '' : ', and its access token is not valid any more';
  return `Nothing is left to take back of "${name}": its refresh token was revoked before${too}. It ${wasPaused ? 'stays' : 'is'} paused.`;
}

function takenBack({ name, wasPaused, refreshToken, accessToken }: Revocation): string {
  const taken = [
    ...(refreshToken.fate === 'revoked' ? ['its refresh token'] : []),
    ...(accessToken.fate === 'revoked' ? ['its access token'] : []),
  ].join(' and ');
  if (taken === '') return wasPaused ? `"${name}" stays paused.` : `Paused "${name}".`;
  return wasPaused ? `Revoked ${taken}; "${name}" stays paused.` : `Revoked ${taken}, and paused "${name}".`;
}

function refreshTokenText({ fate, reason }: Outcome): string | undefined {
  switch (fate) {
    case 'revoked-before':
      return 'Its refresh token was revoked before.';
    case 'unknown':
      return 'Its refresh token is unknown to the provider by now.';
    case 'kept':
      return `Its refresh token was not taken back: ${sentence(reason)}`;
    case 'unsure':
      return `Its refresh token may still live: ${sentence(reason)}`;
    default:
      return undefined;
  }
}

function accessTokenText({ fate, code, reason }: Outcome, life: string): string | undefined {
  switch (fate) {
    case 'unknown':
      return 'Its access token is unknown to the provider by now.';
    case 'expired':
      return 'Its access token has expired.';
    case 'kept':
      return code === UNSUPPORTED
        ? `The provider takes back no access tokens: the last one lives ${life}.`
        : `Its access token was not taken back, and lives ${life}: ${sentence(reason)}`;
    case 'unsure':
      return `Its access token may still live, ${life}: ${sentence(reason)}`;
    default:
      return undefined;
  }
}

/** RFC 7009 section 2.2.1. */
const UNSUPPORTED = 'unsupported_token_type';

/** Whatever lives here ends by itself. */
function remedy({ name, refreshToken }: Revocation): string {
  const repeat = `repeat the command, which is safe: evertoken revoke ${name}`;
  if (refreshToken.fate === 'kept') {
    return `${repeat}. Where the provider keeps refusing, take the grant back in its own settings.`;
  }
  return repeat;
}

function lifeText(endsAt: number | undefined): string {
  return endsAt === undefined ? 'until it expires' : `until ${new Date(endsAt).toISOString()} at most`;
}

/** A provider's words may end without a full stop. */
function sentence(words = ''): string {
  const text = inertStart(words);
  return /[.!?)]$/.test(text) ? text : `${text}.`;
}
