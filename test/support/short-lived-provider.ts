import { text } from 'node:stream/consumers';
import { type LoopbackServer, listenOnLoopback, sendJson } from '../../local/providers/provider-server.ts';
import { canarySecret } from './canary.ts';
import type { SteppingClock } from './stepping-clock.ts';

/** What a provider makes of a request while its last token has so many seconds to live. */
export type Verdict = (leftSeconds: number) => 'new' | 'same' | 'refuse';

interface Issued {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** Requests during its life that brought no other. */
  inVain: number;
}

/**
 * A token endpoint whose tokens live minutes, by the clock of a test: for client credentials, or for refresh tokens
 * that are spent by their use, of which one that comes again ends its family.
 */
export class ShortLivedProvider implements AsyncDisposable {
  lifetimeSeconds = 300;
  verdict: Verdict = () => 'new';
  /** How long an answer takes; a token lives from when it was made, in the middle of that. */
  answerMs = 0;
  /** When each request arrived, epoch milliseconds. */
  readonly requests: number[] = [];
  readonly issued: Issued[] = [];
  /** Refresh tokens that came again after they were spent. */
  readonly reused: string[] = [];
  readonly #spent = new Set<string>();
  #refreshToken = canarySecret('rotating-0');
  readonly #clock: SteppingClock;
  #server: LoopbackServer | undefined;

  constructor(clock: SteppingClock) {
    this.#clock = clock;
  }

  async listen(): Promise<string> {
    this.#server = await listenOnLoopback(0, () => async (request, response) => {
      const form = new URLSearchParams(await text(request));
      this.requests.push(this.#clock.now());
      this.#clock.advance(this.answerMs / 2);
      const sent = form.get('refresh_token');
      const { status, body } = sent === null ? this.#answer() : this.#rotate(sent);
      this.#clock.advance(this.answerMs / 2);
      sendJson(response, status, body);
    });
    return this.#server.origin;
  }

  /** Whether an API would take this token now. */
  accepts(token: string): boolean {
    const now = this.#clock.now();
    return this.issued.some((one) => one.token === token && one.expiresAt > now);
  }

  /** The one that may be used now. */
  get refreshToken(): string {
    return this.#refreshToken;
  }

  #rotate(sent: string): { readonly status: number; readonly body: object } {
    if (this.#spent.has(sent)) this.reused.push(sent);
    if (sent !== this.#refreshToken || this.reused.length > 0) {
      return { status: 400, body: { error: 'invalid_grant' } };
    }
    const answer = this.#answer();
    if (answer.status !== 200) return answer;
    this.#spent.add(sent);
    this.#refreshToken = canarySecret(`rotating-${this.#spent.size}`);
    return { ...answer, body: { ...answer.body, refresh_token: this.#refreshToken } };
  }

  #answer(): { readonly status: number; readonly body: object } {
    const now = this.#clock.now();
    const last = this.issued.at(-1);
    const left = last === undefined ? 0 : (last.expiresAt - now) / 1000;
    const verdict = last === undefined || left <= 0 ? 'new' : this.verdict(left);
    if (last !== undefined && verdict !== 'new') last.inVain += 1;
    if (verdict === 'refuse') {
      const error_description = 'Rate limit exceeded: access_token not expired';
      return { status: 400, body: { error: 'access_denied', error_description } };
    }
    if (last !== undefined && verdict === 'same') return answerWith(last.token, Math.floor(left));
    const token = canarySecret(`minutes-${this.issued.length}`);
    this.issued.push({ token, expiresAt: now + this.lifetimeSeconds * 1000, inVain: 0 });
    return answerWith(token, this.lifetimeSeconds);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.close();
  }
}

function answerWith(access_token: string, expires_in: number) {
  return { status: 200, body: { access_token, token_type: 'Bearer', expires_in } };
}
