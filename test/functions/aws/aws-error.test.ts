import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { storeCall, toStoreError } from '../../../functions/aws/aws-error.ts';
import { StoreError, type StoreErrorKind } from '../../../functions/refresh/ports/stores.ts';
import { assertNoCanary, canarySecret } from '../../support/canary.ts';

function sdkError(name: string, details: object = {}): Error {
  return Object.assign(new Error(`message of ${name}`), { name, ...details });
}

it.each<[string, StoreErrorKind]>([
  ['AccessDeniedException', 'denied'],
  ['DecryptionFailure', 'denied'],
  ['EncryptionFailure', 'denied'],
  ['KMSInvalidStateException', 'denied'],
  ['KMSDisabledException', 'denied'],
  ['InvalidRequestException', 'denied'],
  ['ResourceNotFoundException', 'missing'],
  ['ParameterNotFound', 'missing'],
  ['ThrottlingException', 'transient'],
  ['ProvisionedThroughputExceededException', 'transient'],
  ['KMSThrottlingException', 'transient'],
  ['InternalServiceError', 'transient'],
  ['TimeoutError', 'transient'],
  ['AbortError', 'transient'],
  ['ResourceExistsException', 'conflict'],
  ['LimitExceededException', 'limit'],
])('%s is %s', (name, kind) => {
  const error = toStoreError(sdkError(name, { $fault: 'client' }), 'PutSecretValue evertoken/tokens/crm');
  expect(error).toMatchObject({ kind, code: name });
  expect(error.message).toBe(`PutSecretValue evertoken/tokens/crm: ${name}: message of ${name}`);
});

it.each<[string, object, StoreErrorKind]>([
  ['a fault of the service', { $fault: 'server', $metadata: { httpStatusCode: 500 } }, 'transient'],
  ['status 503', { $fault: 'client', $metadata: { httpStatusCode: 503 } }, 'transient'],
  ['status 429', { $fault: 'client', $metadata: { httpStatusCode: 429 } }, 'transient'],
  ['a fault of the caller', { $fault: 'client', $metadata: { httpStatusCode: 400 } }, 'denied'],
  ['a connection that broke', { code: 'ECONNRESET' }, 'transient'],
])('an unknown error that is %s goes by its fault', (_, details, kind) => {
  expect(toStoreError(sdkError('SomethingNew', details), 'GetItem state').kind).toBe(kind);
});

it('shows nothing of a message that may quote the value', () => {
  const secret = canarySecret('refused-value');
  const validation = Object.assign(new Error(`Value '${secret}' failed to satisfy constraint`), {
    name: 'ValidationException',
    $fault: 'client',
    $metadata: { httpStatusCode: 400 },
    $response: { body: secret },
  });
  const parser = Object.assign(new SyntaxError(`Unexpected end of JSON: ${secret}`), {
    $responseBodyText: secret,
  });
  for (const error of [validation, parser, secret]) {
    const mapped = toStoreError(error, 'PutParameter /evertoken/rescue/crm');
    expect(mapped.cause).toBeUndefined();
    assertNoCanary(inspect(mapped, { depth: 10, showHidden: true }), 'the error');
  }
  expect(toStoreError(validation, 'x').message).toBe('x: ValidationException (HTTP 400)');
});

it('passes what is a StoreError already', async () => {
  const error = new StoreError('malformed', 'MalformedValue', 'x');
  await expect(storeCall('GetItem state', () => Promise.reject(error))).rejects.toBe(error);
});
