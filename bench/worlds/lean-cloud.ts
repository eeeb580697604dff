/**
 * AWS and token endpoints in a process of their own, which answer with little work of theirs: what a refresh costs is
 * then its caller's. They keep no more than a benchmark needs, and count each call.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { type LeanCloudOptions, nameOf, originOf } from './start-lean-cloud.ts';

const LIFETIME_SECONDS = 3600;
const PAGE = 100;

const options = JSON.parse(process.argv[2] ?? '{}') as LeanCloudOptions;
const { latencyMs, rotating, sharedBy } = options;
let { connections } = options;
const calls = new Map<string, number>();
const dueAt = Date.now() - 60_000;

const tokenServers = await Promise.all(Array.from({ length: options.origins }, () => listen(token)));
const origins = tokenServers.map(({ origin }) => origin);
const aws = await listen(callAws);
process.send?.({ endpoint: aws.origin, origins });
process.on('message', (message: { readonly connections?: number }) => {
  connections = message.connections ?? connections;
  process.send?.({ calls: Object.fromEntries(calls) });
  calls.clear();
});
process.on('disconnect', () => process.exit());

async function token(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const form = new URLSearchParams(await bodyOf(request));
  const issued = `fake-access-token-${form.get('client_id') ?? ''}-${Math.random()}`;
  const answer = {
    access_token: issued,
    token_type: 'Bearer',
    expires_in: LIFETIME_SECONDS,
    ...(form.has('refresh_token') && { refresh_token: `fake-refresh-token-${Math.random()}` }),
  };
  count('POST token');
  await wait(latencyMs);
  reply(response, answer, 'application/json');
}

async function callAws(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
  const input = JSON.parse((await bodyOf(request)) || '{}');
  count(operation);
  await wait(latencyMs);
  reply(response, answerTo(operation, input), 'application/x-amz-json-1.0');
}

// biome-ignore lint/suspicious/noExplicitAny: the wire's own shapes, of which little is looked at
function answerTo(operation: string, input: any): unknown {
  switch (operation) {
    case 'UpdateItem': {
      const [, name = ''] = /^connection#(.*)/.exec(input.Key.pk.S) ?? [];
      if (!name) return { Attributes: input.Key };
      const values = input.ExpressionAttributeValues ?? {};
      return {
        Attributes: {
          ...itemOf(name),
          leaseOwner: values[':owner'],
          leaseEndsAt: values[':endsAt'],
          attempt: values[':attempt'],
          attemptAt: values[':attemptAt'],
        },
      };
    }
    case 'Query': {
      const from = Number(input.ExclusiveStartKey?.at?.N ?? 0);
      const to = Math.min(connections, from + (input.Limit ?? PAGE));
      const isFirst = input.ExpressionAttributeValues?.[':after'] === undefined;
      if (!isFirst) return { Items: [] };
      const Items = Array.from({ length: to - from }, (_, index) => indexItem(nameOf(from + index)));
      return { Items, ...(to < connections && { LastEvaluatedKey: { at: { N: String(to) } } }) };
    }
    case 'GetSecretValue':
      return secretOf(input.SecretId);
    case 'PutSecretValue':
      return { VersionId: input.ClientRequestToken, VersionStages: ['AWSCURRENT'] };
    case 'PutEvents':
      return { FailedEntryCount: 0, Entries: input.Entries.map(() => ({ EventId: 'event' })) };
    case 'BatchGetItem':
      return { Responses: {}, UnprocessedKeys: {} };
    case 'BatchWriteItem':
      return { UnprocessedItems: {} };
    default:
      return {};
  }
}

function definitionOf(name: string) {
  const index = Number(name.split('-').at(-1));
  const tokenUrl = `${originOf(origins, index)}/token`;
  return {
    M: {
      tokenUrl: { S: tokenUrl },
      credentials: { S: `app-${Math.floor(index / sharedBy)}` },
      grants: { L: [{ S: rotating ? 'refresh_token' : 'client_credentials' }] },
    },
  };
}

function indexItem(name: string) {
  return {
    pk: { S: `connection#${name}` },
    queue: { S: 'due' },
    dueAt: { N: String(dueAt) },
    watchAt: { N: String(dueAt) },
    definition: definitionOf(name),
  };
}

/** As a commit an hour ago left it. */
function itemOf(name: string) {
  const expiresAt = dueAt + 600_000;
  return {
    ...indexItem(name),
    schema: { N: '1' },
    generation: { N: '7' },
    failures: { N: '0' },
    writesByHour: { M: {} },
    tokenWritesByHour: { M: {} },
    credentialsVersionId: { S: 'version' },
    credentialsSentTo: { S: originOf(origins, Number(name.split('-').at(-1))) },
    obtainedAt: { N: String(expiresAt - LIFETIME_SECONDS * 1000) },
    expiresAt: { N: String(expiresAt) },
    lastOutcome: { S: 'refreshed' },
    tokenVersionId: { S: crypto.randomUUID() },
    tokenDigest: { S: 'd'.repeat(43) },
    ...(rotating && { refreshTokenVersionId: { S: versionOf(name) } }),
  };
}

function secretOf(SecretId: string) {
  const [, kind, name = ''] = SecretId.split('/');
  const content =
    kind === 'credentials'
      ? { client_id: name, client_secret: 'fake-canary-client-secret' }
      : { refresh_token: `fake-canary-refresh-token-${name}`, obtained_at: 1 };
  return {
    SecretString: JSON.stringify(content),
    VersionId: kind === 'credentials' ? 'version' : versionOf(name),
    VersionStages: ['AWSCURRENT'],
    CreatedDate: (dueAt - LIFETIME_SECONDS * 1000) / 1000,
  };
}

function versionOf(name: string): string {
  return `00000000-0000-4000-8000-${(name.split('-').at(-1) ?? '').padStart(12, '0')}`;
}

function count(operation: string): void {
  calls.set(operation, (calls.get(operation) ?? 0) + 1);
}

type Answerer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

async function listen(answer: Answerer): Promise<{ readonly origin: string; readonly server: Server }> {
  const server = createServer((request, response) => void answer(request, response));
  server.keepAliveTimeout = 60_000;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function reply(response: ServerResponse, answer: unknown, contentType: string): void {
  const body = JSON.stringify(answer);
  response.writeHead(200, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
