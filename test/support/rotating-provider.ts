import type { TokenRequestInput } from '../../functions/oauth/request/token-request.ts';
import { Secret } from '../../functions/oauth/secret.ts';
import { TokenError } from '../../functions/oauth/token-error.ts';
import type { Exchange } from '../../functions/oauth/token-set.ts';
import { canarySecret } from './canary.ts';

export const CLIENT_SECRET = canarySecret('client-secret');

/**
 * A model of an authorization server with single-use refresh tokens and reuse detection: a spent refresh
 * token that comes again revokes its whole family (RFC 9700 section 4.14.2).
 */
export class RotatingProvider {
  /** Lifetime of an access token, by what is asked for. */
  lifetimeSeconds: (input: TokenRequestInput) => number = () => 3600;
  /** For how long a spent refresh token still answers with its successor. */
  graceMs: (input: TokenRequestInput) => number = () => -1;
  /** Whether client_credentials brings a refresh token too. */
  mintsRefreshTokens = true;
  /** Whether a refresh token is spent by its use. */
  rotates: (input: TokenRequestInput) => boolean = () => true;
  /** For how long before its end an access token is replaced; until then the same comes again. */
  stickyUntilMs: (input: TokenRequestInput) => number | undefined = () => undefined;
  /** A refresh that comes earlier than so long before the end of the access token is refused. */
  earliestMs: (input: TokenRequestInput) => number | undefined = () => undefined;
  clientSecret = CLIENT_SECRET;
  readonly exchanges: { readonly at: number; readonly grantType: string; readonly refreshToken?: string }[] =
    [];
  /** Refresh tokens that came again after they were spent. */
  readonly doubleSpends: string[] = [];
  /** The refresh token that took the place of each spent one. */
  readonly successors = new Map<string, string>();
  readonly #families = new Map<string, { readonly family: number; spent: boolean; spentAt: number }>();
  readonly #revoked = new Set<number>();
  /** The last access token of each scope. */
  readonly #issuedTo = new Map<string, { readonly accessToken: string; readonly endsAt: number }>();
  readonly #now: () => number;
  #issued = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** One that has issued and seen the same, with the rules of a new one. */
  copy(now: () => number): RotatingProvider {
    const copy = new RotatingProvider(now);
    copy.clientSecret = this.clientSecret;
    copy.exchanges.push(...this.exchanges);
    copy.doubleSpends.push(...this.doubleSpends);
    for (const [spent, successor] of this.successors) copy.successors.set(spent, successor);
    for (const [refreshToken, known] of this.#families) copy.#families.set(refreshToken, { ...known });
    for (const family of this.#revoked) copy.#revoked.add(family);
    for (const [scope, issued] of this.#issuedTo) copy.#issuedTo.set(scope, issued);
    copy.#issued = this.#issued;
    return copy;
  }

  /** A new family, as after a sign-in. */
  authorize(): string {
    this.#issued += 1;
    return this.#refreshToken(this.#issued);
  }

  revokeAll(): void {
    for (const { family } of this.#families.values()) this.#revoked.add(family);
  }

  /** Ends the family of one refresh token. */
  revoke(refreshToken: string): void {
    const known = this.#families.get(refreshToken);
    if (known) this.#revoked.add(known.family);
  }

  /** Which sign-in a refresh token descends from. */
  familyOf(refreshToken: string): number | undefined {
    return this.#families.get(refreshToken)?.family;
  }

  isAlive(refreshToken: string): boolean {
    const known = this.#families.get(refreshToken);
    return known !== undefined && !known.spent && !this.#revoked.has(known.family);
  }

  /** Notes a request, whatever becomes of it. */
  receive(input: TokenRequestInput): void {
    const refreshToken = input.refresh_token?.reveal();
    this.exchanges.push({
      at: this.#now(),
      grantType: input.grantType,
      ...(refreshToken !== undefined && { refreshToken }),
    });
  }

  /** Answers as the token endpoint would. @throws TokenError */
  exchange(input: TokenRequestInput): Exchange {
    const refreshToken = input.refresh_token?.reveal();
    this.receive(input);
    if (input.credentials.client_secret?.reveal() !== this.clientSecret) {
      throw new TokenError('client-refused', 'invalid_client', 'client authentication failed', {
        status: 401,
      });
    }
    this.#refuseEarly(input);
    if (input.grantType !== 'refresh_token') {
      this.#issued += 1;
      return this.#answer(input, this.mintsRefreshTokens ? this.#refreshToken(this.#issued) : undefined);
    }
    const known = this.#families.get(refreshToken ?? '');
    const successor = this.successors.get(refreshToken ?? '');
    if (known?.spent && successor !== undefined && this.#now() - known.spentAt <= this.graceMs(input)) {
      return this.#answer(input, successor);
    }
    if (!known || known.spent || this.#revoked.has(known.family)) {
      if (known?.spent) {
        this.doubleSpends.push(refreshToken ?? '');
        this.#revoked.add(known.family);
      }
      throw new TokenError('refused', 'invalid_grant', 'the refresh token is not valid', {
        status: 400,
      });
    }
    if (!this.rotates(input)) return this.#answer(input, undefined);
    known.spent = true;
    known.spentAt = this.#now();
    const next = this.#refreshToken(known.family);
    this.successors.set(refreshToken ?? '', next);
    return this.#answer(input, next);
  }

  /** When the last access token of a scope ends, whoever has it. Epoch milliseconds. */
  accessTokenEndsAt(scope: string): number {
    return this.#issuedTo.get(scope)?.endsAt ?? 0;
  }

  #refuseEarly(input: TokenRequestInput): void {
    const earliestMs = this.earliestMs(input);
    const leftMs = (this.#issuedTo.get(input.scope ?? '')?.endsAt ?? 0) - this.#now();
    if (earliestMs === undefined || leftMs <= earliestMs) return;
    throw new TokenError('unsure', 'invalid_request', 'the access token has not expired yet', {
      status: 400,
      isEarly: true,
    });
  }

  #answer(input: TokenRequestInput, refreshToken: string | undefined): Exchange {
    const { accessToken, endsAt } = this.#accessToken(input);
    return {
      requestedAt: this.#now(),
      token: {
        access_token: new Secret(accessToken),
        token_type: 'Bearer',
        expiresInSeconds: (endsAt - this.#now()) / 1000,
        extras: {},
        ...(refreshToken !== undefined && { refresh_token: new Secret(refreshToken) }),
      },
    };
  }

  #accessToken(input: TokenRequestInput): { readonly accessToken: string; readonly endsAt: number } {
    const scope = input.scope ?? '';
    const last = this.#issuedTo.get(scope);
    const stickyUntilMs = this.stickyUntilMs(input);
    if (last && stickyUntilMs !== undefined && last.endsAt - this.#now() > stickyUntilMs) return last;
    this.#issued += 1;
    const accessToken = canarySecret(`access-token-${this.#issued}`);
    const issued = { accessToken, endsAt: this.#now() + this.lifetimeSeconds(input) * 1000 };
    this.#issuedTo.set(scope, issued);
    return issued;
  }

  #refreshToken(family: number): string {
    this.#issued += 1;
    const refreshToken = canarySecret(`refresh-token-${family}-${this.#issued}`);
    this.#families.set(refreshToken, { family, spent: false, spentAt: 0 });
    return refreshToken;
  }
}
