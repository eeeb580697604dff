import { listenOnLoopback, sendJson } from '../../../local/providers/provider-server.ts';

/** One line of a log group. */
export interface StoredLine {
  readonly group: string;
  readonly at: number;
  readonly text: string;
}

/** Lambda and CloudWatch Logs, as far as the logs of functions are read. */
export interface LogEndpoint extends AsyncDisposable {
  readonly origin: string;
  /** What SDK clients take for these two services. */
  readonly awsEnv: Readonly<Record<string, string>>;
  readonly lines: StoredLine[];
  /** The log group of each function; one that is not here is not deployed. */
  readonly groups: Map<string, string>;
  /** The inputs of FilterLogEvents, in order. */
  readonly requests: Record<string, unknown>[];
  /** Lines of a page. Default 2. */
  pageSize: number;
  /** From now on this operation is refused by that error. */
  refuse(operation: string, code: string): void;
}

const CONFIGURATION = /^\/2015-03-31\/functions\/([^/]+)\/configuration$/;

export async function startLogEndpoint(): Promise<LogEndpoint> {
  const lines: StoredLine[] = [];
  const groups = new Map<string, string>();
  const requests: Record<string, unknown>[] = [];
  const refusals = new Map<string, string>();
  const state = { pageSize: 2 };
  const server = await listenOnLoopback(0, () => async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString('utf8');
    const fail = (code: string) => {
      response.setHeader('x-amzn-errortype', code);
      sendJson(response, 400, { __type: code, message: `refused by ${code}` });
    };
    const name = CONFIGURATION.exec(request.url ?? '')?.[1];
    const operation = name === undefined ? 'FilterLogEvents' : 'GetFunctionConfiguration';
    const refusal = refusals.get(operation);
    if (refusal !== undefined) return fail(refusal);
    if (name !== undefined) {
      const group = groups.get(name);
      if (group === undefined) return fail('ResourceNotFoundException');
      return sendJson(response, 200, { FunctionName: name, LoggingConfig: { LogGroup: group } });
    }
    const input = JSON.parse(body) as Record<string, unknown>;
    requests.push(input);
    if (![...groups.values()].includes(String(input['logGroupName'])))
      return fail('ResourceNotFoundException');
    const wanted = /^\{ \$\.connection = "(.+)" \}$/.exec(String(input['filterPattern']))?.[1];
    const found = lines
      .map((line, index) => ({ ...line, id: String(index) }))
      .filter(({ group, at }) => group === input['logGroupName'] && at >= Number(input['startTime']))
      .filter(({ text }) => JSON.parse(text).connection === wanted)
      .sort((one, other) => one.at - other.at);
    const start = Number(input['nextToken'] ?? 0);
    const end = start + state.pageSize;
    return sendJson(response, 200, {
      events: found
        .slice(start, end)
        .map(({ id, at, text }) => ({ eventId: id, timestamp: at, message: `${text}\n` })),
      ...(end < found.length && { nextToken: String(end) }),
    });
  });
  return {
    origin: server.origin,
    awsEnv: { AWS_ENDPOINT_URL_LAMBDA: server.origin, AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: server.origin },
    lines,
    groups,
    requests,
    get pageSize() {
      return state.pageSize;
    },
    set pageSize(size) {
      state.pageSize = size;
    },
    refuse: (operation, code) => void refusals.set(operation, code),
    [Symbol.asyncDispose]: server.close,
  };
}
