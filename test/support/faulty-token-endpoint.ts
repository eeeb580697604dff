import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../functions/refresh/ports/outside.ts';
import { canarySecret } from './canary.ts';
import { FAULTS, type Fault, type FaultName, type TokenAnswer } from './token-endpoint-faults.ts';

/** A token request as it arrived. */
export interface SeenRequest {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly grantType: string | null;
  readonly refreshToken: string | null;
}

/**
 * A token endpoint with single-use refresh tokens and reuse detection (RFC 9700 section 4.14.2): a real
 * server, on which one fault after the other can be switched on.
 */
export class FaultyTokenEndpoint implements AsyncDisposable {
  readonly url: string;
  readonly requests: SeenRequest[] = [];
  /** Documents that it serves beside tokens, by path. */
  readonly pages = new Map<string, unknown>();
  /** Requests to anything else, such as where a redirect leads. */
  strays = 0;
  /** Takes any refresh token for a good one. */
  acceptsAll = false;
  /** Spent refresh tokens that came again. */
  doubleSpends = 0;
  readonly #server;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #tokens = new Map<string, { readonly family: number; spent: boolean }>();
  readonly #revoked = new Set<number>();
  #issued = 0;
  #lastAccessToken: string | undefined;
  #fault: Fault | undefined;

  private constructor(server: ReturnType<typeof createServer>, clock: Pick<Clock, 'now'>) {
    this.#server = server;
    this.#clock = clock;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
    server.on('request', (request, response) => void this.#serve(request, response));
  }

  /** @param clock what its refusals and lifetimes go by */
  static async start(clock: Pick<Clock, 'now'>): Promise<FaultyTokenEndpoint> {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return new FaultyTokenEndpoint(server, clock);
  }

  /**
   * From now on every request meets this fault.
   * @param acts whether the endpoint acts on the request before things go wrong, where the fault leaves it open
   */
  break(fault: FaultName, { acts = false } = {}): void {
    const chosen: Fault = FAULTS[fault];
    this.breakWith(
      acts && chosen !== 'reset'
        ? (exchange) => {
            exchange.answer();
            chosen(exchange);
          }
        : chosen,
    );
  }

  /** As `break`, for a fault of the test's own. */
  breakWith(fault: Fault): void {
    this.#fault = fault;
  }

  repair(): void {
    this.#fault = undefined;
  }

  /** The first refresh token of a new family, as a sign-in brings. */
  authorize(): string {
    this.#issued += 1;
    return this.#issue(this.#issued);
  }

  /** Ends the family of one refresh token. */
  revoke(refreshToken: string): void {
    const known = this.#tokens.get(refreshToken);
    if (known) this.#revoked.add(known.family);
  }

  isAlive(refreshToken: string): boolean {
    const known = this.#tokens.get(refreshToken);
    return known !== undefined && !known.spent && !this.#revoked.has(known.family);
  }

  /** Nobody listens any more. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#fault === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    const body = Buffer.concat(await request.toArray()).toString('utf8');
    const page = this.pages.get(request.url ?? '');
    if (page !== undefined) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(page));
      return;
    }
    if (!request.url?.startsWith('/token')) {
      this.strays += 1;
      response.writeHead(404).end();
      return;
    }
    const form = new URLSearchParams(body);
    const refreshToken = form.get('refresh_token');
    this.requests.push({
      at: this.#clock.now(),
      url: request.url,
      headers: request.headers,
      body,
      grantType: form.get('grant_type'),
      refreshToken,
    });
    if (refreshToken !== null && !this.acceptsAll && !this.#accepts(refreshToken)) {
      response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}');
      return;
    }
    let answered: TokenAnswer | undefined;
    const answer = (rotates = true) => {
      answered ??= this.#act(refreshToken ?? undefined, rotates);
      return answered;
    };
    const exchange = {
      request,
      response,
      now: this.#clock.now(),
      elsewhere: new URL('/elsewhere', this.url).href,
      refreshToken: refreshToken ?? undefined,
      lastAccessToken: this.#lastAccessToken,
      answer,
    };
    if (this.#fault) {
      this.#fault(exchange);
      return;
    }
    const good = exchange.answer();
    this.#lastAccessToken = String(good['access_token']);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(good));
  }

  /** A spent one that comes again revokes its family. */
  #accepts(refreshToken: string): boolean {
    const known = this.#tokens.get(refreshToken);
    if (known?.spent) {
      this.doubleSpends += 1;
      this.#revoked.add(known.family);
    }
    return this.isAlive(refreshToken);
  }

  #act(refreshToken: string | undefined, rotates: boolean): TokenAnswer {
    this.#issued += 1;
    const access_token = canarySecret(`access-token-${this.#issued}`);
    const answer = { access_token, token_type: 'Bearer', expires_in: 3600 };
    const known = refreshToken === undefined ? undefined : this.#tokens.get(refreshToken);
    if (known === undefined || !rotates) return answer;
    known.spent = true;
    return { ...answer, refresh_token: this.#issue(known.family) };
  }

  #issue(family: number): string {
    this.#issued += 1;
    const refreshToken = canarySecret(`refresh-token-${family}-${this.#issued}`);
    this.#tokens.set(refreshToken, { family, spent: false });
    return refreshToken;
  }
}
