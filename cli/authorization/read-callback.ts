import { timingSafeEqual } from 'node:crypto';
import { safeMessage } from '../../functions/oauth/response/safe-message.ts';
import { Secret } from '../../functions/oauth/secret.ts';
import { CommandFailed } from '../command-failed.ts';

/** What the answer to one authorization request must say. */
export interface ExpectedCallback {
  readonly state: string;
  /** Absent where the provider's issuer identifier is not known. */
  readonly issuer: string | undefined;
  /** The provider says that it always names itself. */
  readonly namesIssuer: boolean;
}

const UNCHANGED = 'Nothing was stored.';
const ONCE = ['state', 'iss', 'code', 'error', 'error_description'];

/**
 * The code in the answer to an authorization request: RFC 6749 sections 4.1.2 and 10.12, RFC 9207 section 2.4.
 * An error counts only when it belongs to this sign-in.
 * @throws CommandFailed in a sentence for a person, whatever the provider wrote made harmless
 */
export function readCallback(parameters: URLSearchParams, expected: ExpectedCallback): Secret {
  const repeated = ONCE.find((name) => parameters.getAll(name).length > 1);
  if (repeated !== undefined) {
    throw new CommandFailed(`The answer names "${repeated}" twice, and cannot be trusted. ${UNCHANGED}`);
  }
  if (!equal(parameters.get('state') ?? '', expected.state)) {
    throw new CommandFailed(
      'The answer does not belong to this sign-in: its "state" is another one. Perhaps it came from an older ' +
        `tab, or from somebody else. ${UNCHANGED} Start again, and use the newest tab alone.`,
    );
  }
  checkIssuer(parameters.get('iss'), expected);
  const error = parameters.get('error');
  if (error !== null) throw refusal(error, parameters.get('error_description') ?? '');
  const code = parameters.get('code');
  if (code) return new Secret(code);
  throw new CommandFailed(`The provider answered without a code. ${UNCHANGED}`);
}

/** Against an answer that another provider slipped in (RFC 9207). */
function checkIssuer(iss: string | null, { issuer, namesIssuer }: ExpectedCallback): void {
  if (issuer === undefined || iss === issuer) return;
  if (iss !== null) {
    throw new CommandFailed(
      `The answer comes from the issuer "${safeMessage(iss, []) ?? '?'}" and not from "${issuer}" ("iss", RFC 9207). ${UNCHANGED}`,
    );
  }
  if (namesIssuer) {
    throw new CommandFailed(
      `The answer does not say that it comes from "${issuer}", as that provider's answers do ("iss", RFC 9207). ${UNCHANGED}`,
    );
  }
}

/** RFC 6749 section 4.1.2.1. */
function refusal(error: string, description: string): CommandFailed {
  const code = safeMessage(error, []) ?? 'an error';
  const words = safeMessage(description, []);
  const said = words === undefined ? '' : `: ${words}`;
  return error === 'access_denied'
    ? new CommandFailed(`Access was denied at the provider${said}. ${UNCHANGED}`)
    : new CommandFailed(`The provider refused the sign-in with ${code}${said}. ${UNCHANGED}`);
}

function equal(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
