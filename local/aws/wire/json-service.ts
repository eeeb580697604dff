import type { z } from 'zod';
import { AwsError, unknownOperation } from './error-answer.ts';
import { parseInput } from './input.ts';
import type { PreparedCall, Service, ServiceName, WireRequest } from './message.ts';

/** One operation of a service that speaks AWS JSON. */
export interface JsonOperation<Input = unknown> {
  readonly input: z.ZodType<Input>;
  /** Whether the state must be stored before the answer. */
  readonly writes?: boolean;
  /** `stale` asks a read for what was true before; the others pay no heed. @throws AwsError */
  run(input: Input, stale: boolean): object;
}

/** Ties an operation to the members that it takes. */
export function jsonOperation<Input>(operation: JsonOperation<Input>): JsonOperation {
  return operation as JsonOperation;
}

export interface JsonServiceSpec {
  readonly name: ServiceName;
  /** The word before the dot in `X-Amz-Target`. */
  readonly targetPrefix: string;
  /** Secrets Manager alone writes `Message`. */
  readonly messageMember: 'message' | 'Message';
  /** @default 'application/x-amz-json-1.1' */
  readonly contentType?: string;
  /** Members that say what a call is about. */
  readonly resourceMembers: readonly string[];
  readonly operations: Readonly<Record<string, JsonOperation>>;
  /** Stores the state; resolves when it is safe. */
  save(): Promise<void>;
}

const CONTENT_TYPE = 'application/x-amz-json-1.1';

/** A service that speaks AWS JSON: one path, the operation in `X-Amz-Target`. */
export function jsonService(spec: JsonServiceSpec): Service {
  const { contentType = CONTENT_TYPE } = spec;
  return {
    name: spec.name,
    contentType,
    accepts: (request) => targetOf(request).startsWith(`${spec.targetPrefix}.`),
    errorBody: (error) => JSON.stringify({ __type: error.code, [spec.messageMember]: error.message }),
    prepare: (request): PreparedCall => {
      const name = targetOf(request).slice(spec.targetPrefix.length + 1);
      const operation = Object.hasOwn(spec.operations, name) ? spec.operations[name] : undefined;
      if (!operation) throw unknownOperation(`the operation ${name} of ${spec.name}`);
      const input = parseInput(operation.input, readJson(request, contentType));
      const resource = resourceOf(input as Record<string, unknown>, spec.resourceMembers);
      return {
        operation: name,
        ...(resource === undefined ? {} : { resource }),
        answer: async (_requestId, stale = false) => {
          const output = operation.run(input, stale);
          if (operation.writes) await spec.save();
          return { status: 200, headers: { 'content-type': contentType }, body: JSON.stringify(output) };
        },
      };
    },
  };
}

export function targetOf(request: WireRequest): string {
  const target = request.headers['x-amz-target'];
  return typeof target === 'string' && request.path === '/' ? target : '';
}

function resourceOf(input: Record<string, unknown>, members: readonly string[]): string | undefined {
  const member = members.find((name) => input[name] !== undefined);
  return member && String(input[member]);
}

function readJson(request: WireRequest, contentType: string): unknown {
  const sent = request.headers['content-type']?.split(';')[0]?.trim();
  if (sent !== contentType) throw unknownOperation(`requests of content type ${sent ?? 'none'}`);
  try {
    return JSON.parse(request.body.toString());
  } catch {
    throw new AwsError('SerializationException', 'The request body is not JSON.');
  }
}
