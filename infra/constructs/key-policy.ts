import { AccountRootPrincipal, type IPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** What administrators of the account may do with a key. Using it is not among it. */
const ADMINISTRATION = [
  'CancelKeyDeletion',
  'CreateAlias',
  'DeleteAlias',
  'DescribeKey',
  'DisableKey',
  'DisableKeyRotation',
  'EnableKey',
  'EnableKeyRotation',
  'GetKeyPolicy',
  'GetKeyRotationStatus',
  'ListGrants',
  'ListKeyPolicies',
  'ListKeyRotations',
  'ListResourceTags',
  'PutKeyPolicy',
  'RevokeGrant',
  'RotateKeyOnDemand',
  'ScheduleKeyDeletion',
  'TagResource',
  'UntagResource',
  'UpdateAlias',
  'UpdateKeyDescription',
].map((action) => `kms:${action}`);

/** What Parameter Store asks of the key of a SecureString: to encrypt one up to 4 KB, a larger one, and to read either. */
export const USE_FOR_SECURE_STRINGS = ['Encrypt', 'GenerateDataKey', 'Decrypt'] as const;

/** The statement that lets the account look after a key, as far as IAM grants it, and not use it. */
export function administrationStatement(): PolicyStatement {
  return keyStatement('Administration', new AccountRootPrincipal(), ADMINISTRATION, {});
}

/** A statement of a key's own policy. */
export function keyStatement(
  sid: string,
  principal: IPrincipal,
  actions: string[],
  conditions: Record<string, Record<string, string | string[]>>,
): PolicyStatement {
  // In the policy of a key, `*` is that key.
  return new PolicyStatement({ sid, principals: [principal], actions, resources: ['*'], conditions });
}
