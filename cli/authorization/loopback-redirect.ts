import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CommandFailed } from '../command-failed.ts';
import { PAGE_HEADERS, type ResultPage, renderPage } from './result-page.ts';

const HOST = '127.0.0.1';
const PATH = '/callback';

/** The provider's answer, with the browser waiting for what comes of it. */
export interface Callback {
  readonly parameters: URLSearchParams;
  /** Shows the page; resolves when the browser has it, or has gone. */
  answer(page: ResultPage): Promise<void>;
}

/**
 * The redirect URI of one sign-in, RFC 8252 section 7.3: a server on 127.0.0.1 that takes one answer and no
 * second one. A page of any other site cannot speak to it under a name of its own (DNS rebinding), since only
 * its address is a valid Host.
 */
export class LoopbackRedirect implements AsyncDisposable {
  readonly redirectUri: string;
  readonly #server: Server;
  readonly #host: string;
  readonly #callback = Promise.withResolvers<Callback>();
  #isAnswered = false;

  private constructor(server: Server) {
    this.#server = server;
    this.#host = `${HOST}:${(server.address() as AddressInfo).port}`;
    this.redirectUri = `http://${this.#host}${PATH}`;
    server.on('request', (request, response) => this.#serve(request, response));
  }

  /** Starts listening. @param port 0 for any free one @throws CommandFailed when the port cannot be had */
  static async listen(port: number): Promise<LoopbackRedirect> {
    const server = createServer();
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, HOST, resolve);
      });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new CommandFailed(
        code === 'EADDRINUSE'
          ? `Port ${port} of ${HOST} is in use: name another with --port, or end what uses it.`
          : `Port ${port} of ${HOST} cannot be used (${code}): name another with --port.`,
      );
    }
    return new LoopbackRedirect(server);
  }

  /** The first answer, whenever it comes. */
  get callback(): Promise<Callback> {
    return this.#callback.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.redirectUri);
    const refusal = this.#refusal(request, url);
    if (refusal) {
      const page = { title: 'evertoken', message: refusal.message };
      void send(response, refusal.status, page, refusal.headers);
    } else {
      this.#isAnswered = true;
      const answer = (page: ResultPage) => send(response, 200, page);
      this.#callback.resolve({ parameters: url.searchParams, answer });
    }
  }

  #refusal({ headers, method }: IncomingMessage, { pathname }: URL): Refusal | undefined {
    if (headers.host !== this.#host) return { status: 421, message: 'This address is not served here.' };
    if (method !== 'GET') {
      return { status: 405, message: 'Only GET is served here.', headers: { allow: 'GET' } };
    }
    // Browsers ask for /favicon.ico too.
    if (pathname !== PATH) return { status: 404, message: 'There is nothing here.' };
    if (!this.#isAnswered) return undefined;
    return {
      status: 409,
      message: 'This sign-in was answered already. Look at the terminal for what came of it.',
    };
  }
}

interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function send(
  response: ServerResponse,
  status: number,
  page: ResultPage,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', resolve);
    if (response.destroyed) resolve();
    response.writeHead(status, { ...PAGE_HEADERS, ...headers, connection: 'close' });
    response.end(renderPage(page));
  });
}
