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

const DENIED = 'User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform:';
const SECRET = 'on resource: arn:aws:secretsmanager:eu-west-1:1:secret:kms-key-AbCdEf';
const KEY = 'arn:aws:kms:eu-west-1:1:key/abc';

it.each<[string, string, StoreErrorKind, string]>([
  [
    'InvalidRequestException',
    "You can't perform this operation on the secret because it was marked for deletion.",
    'unusable',
    'SecretMarkedForDeletion',
  ],
  [
    'InvalidRequestException',
    "You can't create this secret because a secret with this name is already scheduled for deletion.",
    'unusable',
    'SecretMarkedForDeletion',
  ],
  ['AccessDeniedException', 'Access to KMS is not allowed', 'denied', 'KeyAccessDenied'],
  [
    'AccessDeniedException',
    `${DENIED} kms:Decrypt on resource: ${KEY} with an explicit deny in a resource-based policy`,
    'denied',
    'KeyAccessDenied',
  ],
  ['KMSAccessDeniedException', 'refused', 'denied', 'KeyAccessDenied'],
  [
    'InvalidRequestException',
    "You can't access a secret from a different AWS account if you encrypt the secret with the default KMS service key.",
    'denied',
    'KeyAccessDenied',
  ],
  ['DecryptionFailure', "Secrets Manager can't decrypt the secret.", 'unusable', 'KeyUnusable'],
  ['EncryptionFailure', "Secrets Manager can't encrypt the secret.", 'unusable', 'KeyUnusable'],
  ['KMSDisabledException', `${KEY} is disabled.`, 'unusable', 'KeyUnusable'],
  ['KMSInvalidStateException', `${KEY} is pending deletion.`, 'unusable', 'KeyUnusable'],
  ['AccessDeniedException', `The key ${KEY} is scheduled for deletion`, 'unusable', 'KeyUnusable'],
  ['InvalidKeyId', `${KEY} is pending deletion.`, 'unusable', 'KeyUnusable'],
  ['InvalidRequestException', `Key '${KEY}' does not exist`, 'unusable', 'KeyUnusable'],
  [
    'AccessDeniedException',
    `${DENIED} secretsmanager:GetSecretValue ${SECRET} with an explicit deny in a resource-based policy`,
    'denied',
    'ResourcePolicyDenies',
  ],
  [
    'AccessDeniedException',
    `${DENIED} secretsmanager:GetSecretValue ${SECRET} because no resource-based policy allows the secretsmanager:GetSecretValue action`,
    'denied',
    'ResourcePolicyLacksGrant',
  ],
  [
    'AccessDeniedException',
    `${DENIED} secretsmanager:GetSecretValue ${SECRET} because no identity-based policy allows the secretsmanager:GetSecretValue action`,
    'denied',
    'AccessDeniedException',
  ],
  [
    'InvalidRequestException',
    'The secret is managed by another service.',
    'denied',
    'InvalidRequestException',
  ],
  ['ThrottlingException', 'Rate of kms:Decrypt exceeded', 'transient', 'ThrottlingException'],
])('%s, "%s", is %s: %s', (name, message, kind, code) => {
  const error = toStoreError(Object.assign(new Error(message), { name }), 'GetSecretValue evertoken/x');
  expect(error).toMatchObject({ kind, code, message: `GetSecretValue evertoken/x: ${name}: ${message}` });
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
