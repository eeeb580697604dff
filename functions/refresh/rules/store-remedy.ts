/** A refusal of a store's, or what it holds instead of what it should. */
export interface StoreTrouble {
  readonly code: string;
  /** `store-<kind>` as failures are counted. Absent in a state of an older version. */
  readonly kind?: string;
  /** Begins with the call and the resource, or with the resource alone. */
  readonly message: string;
}

/**
 * What to do about a trouble that is no matter of the refresher's permissions, or of more than these; `undefined`
 * for any other.
 * @param who was refused: "the refresher", or "you" at the command
 */
export function storeRemedy({ code, kind, message }: StoreTrouble, who: string): string | undefined {
  const secret = resourceIn(message);
  switch (code) {
    case 'SecretMarkedForDeletion':
      return `Restore the secret: aws secretsmanager restore-secret --secret-id ${secret}. Nothing that it holds is lost until its recovery window ends.`;
    case 'KeyUnusable':
      return `The key that encrypts "${secret}" is disabled, about to be deleted, or gone: enable it (aws kms enable-key), after aws kms cancel-key-deletion where it is pending. What a deleted key encrypted is lost: give the secret another key (aws secretsmanager update-secret --kms-key-id …) and store its value again.`;
    case 'KeyAccessDenied':
      return `Let ${who} use the key that encrypts "${secret}": kms:Decrypt, and kms:GenerateDataKey where it is written, in the policy of the key, and in IAM where that policy leaves it to IAM. A secret by ARN names its key with "keyArn"; one of another account needs a customer-managed key.`;
    case 'ResourcePolicyDenies':
      return `The resource policy of "${secret}" denies it explicitly, which no permission outweighs: except ${who} from the denial. See it with aws secretsmanager get-resource-policy --secret-id ${secret}.`;
    case 'ResourcePolicyLacksGrant':
      return `"${secret}" belongs to another account, and its resource policy does not let ${who} in: have its owner grant secretsmanager:GetSecretValue there (aws secretsmanager put-resource-policy), and the use of its key.`;
    case 'NewerSchema':
      return 'Deploy the version of Evertoken that wrote it, or a later one; it is read again by itself.';
    case 'MalformedCredentials':
      return storeAgain(secret);
  }
  return kind === 'store-malformed' ? correct(secret) : undefined;
}

/** How credentials are stored so that they can be read. */
export function storeAgain(secret: string): string {
  const name = ownedAs('credentials', secret);
  const how =
    name === undefined
      ? `aws secretsmanager put-secret-value --secret-id ${secret} --secret-string file://credentials.json`
      : `evertoken credentials set ${name}`;
  return `Store the credentials in "${secret}" again, as JSON with the fields that the message names: ${how}. The next tick picks them up.`;
}

function correct(secret: string): string {
  const connection = ownedAs('refresh-tokens', secret);
  return connection === undefined
    ? `Correct what "${secret}" holds; the message says what is wrong with it, and it is read again by itself.`
    : `Store the refresh token again (evertoken refresh-token set ${connection}), or sign in (evertoken authorize ${connection}); the next tick picks it up.`;
}

/** The name behind a prefix of the namespace's; `undefined` for a secret of someone else's. */
function ownedAs(prefix: string, secret: string): string | undefined {
  return new RegExp(`^[^/:]+/${prefix}/(.+)$`).exec(secret)?.[1];
}

/** The state keeps the message of an error, and not which resource it met: all messages begin with that. */
function resourceIn(message: string): string {
  return /^(?:[A-Z]\w+ )?(\S+?):?(?:\s|$)/.exec(message)?.[1] ?? '';
}
