import type { IncomingHttpHeaders } from 'node:http';
import type { AwsError } from './error-answer.ts';

export type ServiceName = 'secretsmanager' | 'ssm' | 'dynamodb' | 'events' | 'lambda' | 'kms' | 'sts' | 'sqs';

/** A request whose body has arrived. */
export interface WireRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One call that a service understood and has not carried out yet. */
export interface PreparedCall {
  readonly operation: string;
  /** Name or ARN that the call is about, as it was sent; several are joined by commas. */
  readonly resource?: string;
  /** Carries the call out. `stale`: see Fault. @throws AwsError */
  answer(requestId: string, stale?: boolean): Promise<WireResponse>;
}

/** Judges a call that a service understood, by who signed it. @returns what to answer instead, if anything */
export type Authorize = (
  accessKeyId: string,
  service: ServiceName,
  operation: string,
  resource: string | undefined,
  body: Buffer,
) => AwsError | undefined;

export interface Service {
  /** Also the service's name in the credential scope of a signature. */
  readonly name: ServiceName;
  /** Of errors. @default 'application/x-amz-json-1.1' */
  readonly contentType?: string;
  /** Whether a request is meant for this service. */
  accepts(request: WireRequest): boolean;
  /** @throws AwsError when the operation or its input is refused */
  prepare(request: WireRequest): PreparedCall;
  /** The body of an error, as this service spells its members. */
  errorBody(error: AwsError): string;
}
