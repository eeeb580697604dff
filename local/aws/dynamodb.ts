import { EventEmitter, once } from 'node:events';
import type { Server } from 'node:http';
import { promisify } from 'node:util';
import dynalite from 'dynalite';
import { TableKeys } from './table-keys.ts';
import { AwsError, errorType, unknownOperation } from './wire/error-answer.ts';
import { targetOf } from './wire/json-service.ts';
import type { Service, WireRequest, WireResponse } from './wire/message.ts';

const TARGET_PREFIX = 'DynamoDB_20120810.';

export interface DynamoDb {
  readonly service: Service;
  /** Frees the store. */
  close(): Promise<void>;
}

/** DynamoDB by dynalite, in process. @param path where tables are kept; in memory when absent */
export function dynamoDb(path?: string): DynamoDb {
  const server = dynalite({
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
    ...(path ? { path } : {}),
  });
  const keys = new TableKeys();
  const service: Service = {
    name: 'dynamodb',
    contentType: 'application/x-amz-json-1.0',
    accepts: (request) => targetOf(request).startsWith(TARGET_PREFIX),
    errorBody: ({ code, message }) => JSON.stringify({ __type: code, message }),
    prepare: (request) => {
      const operation = targetOf(request).slice(TARGET_PREFIX.length);
      const resource = tableName(request.body);
      return {
        operation,
        ...(resource === undefined ? {} : { resource }),
        answer: async () => {
          const response = await ask(server, request);
          if (response.status === 400 && errorType(response.body) === 'UnknownOperationException') {
            throw unknownOperation(`the operation ${operation} of dynamodb`);
          }
          return keys.shownIn(operation, request, response);
        },
      };
    },
  };
  return { service, close: () => close(server) };
}

/**
 * Passes a request to dynalite's listener without a socket: dynalite allows every web origin, so it must
 * not listen. The body goes in by hand so that what its validation throws is caught here.
 */
function ask(server: Server, { method, headers, body }: WireRequest): Promise<WireResponse> {
  return new Promise((resolve) => {
    const answered: Record<string, string> = {};
    const request = Object.assign(new EventEmitter(), { method, url: '/', headers });
    server.emit('request', request, {
      statusCode: 200,
      setHeader: (name: string, value: unknown) => {
        const key = name.toLowerCase();
        if (key === 'content-type' || key === 'x-amz-crc32') answered[key] = String(value);
      },
      end(text = '') {
        resolve({ status: this.statusCode, headers: answered, body: String(text) });
      },
    });
    request.emit('data', body);
    request.emit('end');
  });
}

/** dynalite closes its store only when a listening server closes: it listens for that moment, unanswering. */
async function close(server: Server): Promise<void> {
  server.removeAllListeners('request');
  await once(server.listen(0, '127.0.0.1'), 'listening');
  await promisify(server.close.bind(server))();
}

function tableName(body: Buffer): string | undefined {
  try {
    const { TableName } = JSON.parse(body.toString()) as { TableName?: unknown };
    return typeof TableName === 'string' ? TableName : undefined;
  } catch {
    throw new AwsError('SerializationException', 'The request body is not JSON.');
  }
}
