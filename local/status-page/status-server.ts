import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ACTIONS, type Action, type ActionPorts, carryOut } from '../../functions/status-page/actions.ts';
import { loadPage, type PagePorts } from '../../functions/status-page/load-page.ts';
import type { Notice } from '../../functions/status-page/page-model.ts';
import { queryFields, readPageQuery } from '../../functions/status-page/query.ts';
import { ACT_PATH } from '../../functions/status-page/web-controls.ts';
import { SCRIPT_PATH, WEB_PAGE_HEADERS, webPage } from '../../functions/status-page/web-page.ts';
import { readForm, refusalOf } from './page-request.ts';

const HOST = '127.0.0.1';
const MOST_PORT = 65_535;
/** Of so many buttons what came of them is remembered, for the page that follows. */
const MOST_NOTICES = 20;

export interface StatusServerOptions extends PagePorts, Pick<ActionPorts, 'refreshRequests'> {
  /** To be tried one after the other; 0 picks a free one. */
  readonly ports: readonly number[];
  readonly state: PagePorts['state'] & ActionPorts['state'];
}

/** The status page of the system on this machine. */
export interface StatusServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the status page on 127.0.0.1. @throws Error when every port is taken */
export async function startStatusServer(options: StatusServerOptions): Promise<StatusServer> {
  const script = await readFile(new URL('live.js', import.meta.url));
  const notices = new Map<string, Notice>();
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      const kind = error instanceof Error ? error.name : 'unknown';
      say(response, 500, `The page could not be made (${kind}). It is asked for again in a moment.`);
    });
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = refusalOf(request, host);
    if (refusal) {
      return say(response, refusal.status, refusal.message, refusal.allow && { allow: refusal.allow });
    }
    const { pathname, searchParams } = new URL(request.url ?? '/', `http://${host}`);
    const isRead = request.method === 'GET';
    if (isRead && pathname === '/') return show(searchParams, response);
    if (isRead && pathname === SCRIPT_PATH) {
      response.writeHead(200, { ...WEB_PAGE_HEADERS, 'content-type': 'text/javascript; charset=utf-8' });
      response.end(script);
      return;
    }
    // Browsers ask for it by themselves.
    if (isRead && pathname === '/favicon.ico') return say(response, 204, '');
    if (!isRead && pathname === ACT_PATH) return act(request, response);
    say(response, 404, 'There is nothing here.');
  }

  async function show(fields: URLSearchParams, response: ServerResponse): Promise<void> {
    const query = readPageQuery(Object.fromEntries(fields));
    const model = await loadPage(query, options);
    const notice = notices.get(fields.get('said') ?? '');
    response.writeHead(200, WEB_PAGE_HEADERS);
    response.end(String(webPage({ ...model, notice }, query)));
  }

  /** Does it, and leads back to where the button was. */
  async function act(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = await readForm(request);
    const action = form && actionOf(form);
    if (!action) return say(response, 400, 'There is no such button.');
    const said = randomUUID();
    notices.set(said, await carryOut(action, options));
    for (const old of [...notices.keys()].slice(0, -MOST_NOTICES)) notices.delete(old);
    const { confirm: _, ...back } = readPageQuery(
      Object.fromEntries(new URLSearchParams(form.get('back') ?? '')),
    );
    const fields = new URLSearchParams({ ...queryFields(back), said });
    response.writeHead(303, { ...WEB_PAGE_HEADERS, location: `/?${fields}` }).end();
  }

  const host = `${HOST}:${await listen(server, options.ports)}`;
  return {
    url: `http://${host}/`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The port on which it listens then. */
async function listen(server: Server, [port, ...others]: readonly number[]): Promise<number> {
  try {
    // There is none beyond the last one.
    await once(server.listen(port === MOST_PORT + 1 ? 0 : port, HOST), 'listening');
    return (server.address() as AddressInfo).port;
  } catch (error) {
    if (others.length === 0) throw error;
    return listen(server, others);
  }
}

/** Which button was pressed: its name is what it does, its value to which connection. */
function actionOf(form: URLSearchParams): Action | undefined {
  const kind = ACTIONS.find((each) => form.has(each));
  return kind && { kind, connection: form.get(kind) ?? '' };
}

function say(
  response: ServerResponse,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> | '' | undefined = {},
): void {
  if (response.headersSent) return void response.end();
  response.writeHead(status, {
    ...WEB_PAGE_HEADERS,
    'content-type': 'text/plain; charset=utf-8',
    ...(headers || {}),
    connection: 'close',
  });
  response.end(status === 204 ? undefined : `${message}\n`);
}
