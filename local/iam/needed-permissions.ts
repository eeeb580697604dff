import { type Account, regionalArn, viaService } from './account.ts';
import type { Call } from './policy-evaluator.ts';

/** A call as it reached a service. */
export interface ServiceCall {
  /** The prefix of the service's actions, such as `secretsmanager`. */
  readonly service: string;
  readonly operation: string;
  /** Name or ARN that the call is about, as it was sent. */
  readonly resource?: string | undefined;
  /** The members of the request. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** What is known of resources: an account resolves names before it asks its policies. */
export interface KnownResources {
  /** By name or ARN. */
  secret(id: string): { readonly arn: string; readonly keyId?: string | undefined } | undefined;
  /** By name or ARN. A key is named by SecureStrings alone, and not where it is the account's `aws/ssm`. */
  parameter(id: string): KnownParameter | undefined;
  /** The ARN of a table's key; `undefined` where AWS owns it. */
  tableKey(table: string): string | undefined;
}

export interface KnownParameter {
  readonly type: string;
  readonly tier: string;
  readonly keyId?: string | undefined;
}

/** One permission that a call needs: its own action, or the use of a key through the service. */
export interface NeededPermission {
  readonly kind: 'action' | 'key';
  readonly call: Call;
}

type Needs = (call: ServiceCall, account: Account, known: KnownResources) => NeededPermission[];

/** What Secrets Manager asks of a customer-managed key. */
const KEY_ACTIONS_OF_SECRETS: Readonly<Record<string, readonly string[]>> = {
  CreateSecret: ['kms:Decrypt', 'kms:GenerateDataKey'],
  DescribeSecret: [],
  GetSecretValue: ['kms:Decrypt'],
  ListSecretVersionIds: [],
  PutSecretValue: ['kms:Decrypt', 'kms:GenerateDataKey'],
  UpdateSecretVersionStage: [],
};

interface KeyNeed {
  readonly keyAction?: string;
  readonly keyId?: unknown;
}

/** What Parameter Store asks of the key of a SecureString; `stored` is how the parameter is now. */
const KEY_NEEDS_OF_PARAMETERS: Readonly<
  Record<string, (call: ServiceCall, stored: KnownParameter | undefined) => KeyNeed>
> = {
  DeleteParameter: () => ({}),
  GetParameter: ({ input }, stored) =>
    input['WithDecryption'] === true && stored?.type === 'SecureString'
      ? { keyAction: 'kms:Decrypt', keyId: stored.keyId }
      : {},
  GetParametersByPath: (call) => {
    if (call.input['WithDecryption'] === true) throw new Error('cannot judge the decryption of a whole path');
    return {};
  },
  // Whatever the key was, it is the one that is named now. An advanced parameter has a data key of its own.
  PutParameter: ({ input: { Type, Tier, Value, KeyId } }, stored) => {
    if ((Type ?? stored?.type) !== 'SecureString') return {};
    const isAdvanced =
      Tier === 'Advanced' || stored?.tier === 'Advanced' || Buffer.byteLength(String(Value)) > STANDARD_BYTES;
    return { keyAction: isAdvanced ? 'kms:GenerateDataKey' : 'kms:Encrypt', keyId: KeyId };
  },
};

/** The most that Parameter Store encrypts under the key itself. */
const STANDARD_BYTES = 4096;

/** The account's own key for parameters. Its policy is AWS's: whoever may use the parameter may use the key. */
const AWS_KEY_OF_PARAMETERS = 'alias/aws/ssm';

/** What a caller does itself with a key, and no service in its name. */
const SIGNING_OPERATIONS = ['GetPublicKey', 'Sign'];

const TABLE_OPERATIONS = ['DeleteItem', 'GetItem', 'PutItem', 'Query', 'Scan', 'UpdateItem'];

const NEEDS: Readonly<Record<string, Needs>> = {
  secretsmanager: (call, account, known) => {
    const keyActions = KEY_ACTIONS_OF_SECRETS[call.operation];
    if (keyActions === undefined) throw unknown(call);
    const id = String(call.resource);
    const secret = known.secret(id);
    // The policies are asked before it turns out that there is no such secret.
    const resource =
      secret?.arn ?? (id.startsWith('arn:') ? id : regionalArn(account, call.service, `secret:${id}`));
    const isNew = call.operation === 'CreateSecret';
    const context = isNew ? 'RequestToValidateKeyAccess' : resource;
    const use = keyUse(account, 'secretsmanager', { 'kms:EncryptionContext:SecretARN': context });
    const keyId = isNew ? (call.input['KmsKeyId'] as string | undefined) : secret?.keyId;
    return [action(call, resource), ...keyActions.flatMap((name) => use(name, keyId))];
  },

  ssm: (call, account, known) => {
    const keyNeeds = KEY_NEEDS_OF_PARAMETERS[call.operation];
    if (keyNeeds === undefined) throw unknown(call);
    const name = String(call.resource);
    const resource = name.startsWith('arn:')
      ? name
      : regionalArn(account, 'ssm', `parameter/${name.replace(/^\//, '')}`);
    const use = keyUse(account, 'ssm', { 'kms:EncryptionContext:PARAMETER_ARN': resource });
    const { keyAction, keyId } = keyNeeds(call, known.parameter(name));
    return [action(call, resource), ...(keyAction ? use(keyAction, customerKey(keyId)) : [])];
  },

  dynamodb: (call, account, known) => {
    const { TableName, IndexName, RequestItems } = call.input;
    const isBatch = call.operation === 'BatchGetItem' || call.operation === 'BatchWriteItem';
    if (!isBatch && !TABLE_OPERATIONS.includes(call.operation)) throw unknown(call);
    const tables = isBatch ? Object.keys(RequestItems as object) : [String(TableName)];
    return tables.flatMap((table) => {
      const arn = regionalArn(account, 'dynamodb', `table/${table}`);
      const use = keyUse(account, 'dynamodb', { 'kms:EncryptionContext:aws:dynamodb:tableName': table });
      const resource = IndexName === undefined ? arn : `${arn}/index/${IndexName}`;
      const leading = leadingKey(call);
      const context = leading === undefined ? {} : { 'dynamodb:LeadingKeys': [leading] };
      const name = `dynamodb:${call.operation}`;
      return [
        { kind: 'action', call: { action: name, resource, context } },
        ...use('kms:Decrypt', known.tableKey(table)),
      ];
    });
  },

  lambda: (call, account) => {
    if (call.operation !== 'Invoke') throw unknown(call);
    const resource = regionalArn(account, 'lambda', `function:${call.resource}`);
    return [{ kind: 'action', call: { action: 'lambda:InvokeFunction', resource } }];
  },

  kms: (call, account) => {
    if (!SIGNING_OPERATIONS.includes(call.operation)) throw unknown(call);
    const { SigningAlgorithm, MessageType = 'RAW' } = call.input;
    const context = {
      'kms:CallerAccount': account.accountId,
      ...(SigningAlgorithm !== undefined && {
        'kms:MessageType': String(MessageType),
        'kms:SigningAlgorithm': String(SigningAlgorithm),
      }),
    };
    const key = customerKey(call.resource);
    if (key === undefined) throw unknown(call);
    return [{ kind: 'key', call: { action: `kms:${call.operation}`, resource: key, context } }];
  },

  sqs: (call, account) => {
    if (call.operation !== 'SendMessage') throw unknown(call);
    const name = new URL(String(call.resource)).pathname.split('/').at(-1) ?? '';
    return [action(call, regionalArn(account, 'sqs', name))];
  },

  sts: (call, account) => {
    // Everybody may ask who they are.
    if (call.operation === 'GetCallerIdentity') return [];
    if (call.operation !== 'GetWebIdentityToken') throw unknown(call);
    const { Audience, SigningAlgorithm, DurationSeconds = '300' } = call.input;
    const context = {
      'sts:IdentityTokenAudience': Audience as readonly string[],
      'sts:SigningAlgorithm': String(SigningAlgorithm),
      'sts:DurationSeconds': String(DurationSeconds),
    };
    const resource = `arn:${account.partition}:sts::${account.accountId}:self`;
    return [{ kind: 'action', call: { action: 'sts:GetWebIdentityToken', resource, context } }];
  },

  events: (call, account) => {
    if (call.operation !== 'PutEvents') throw unknown(call);
    const entries = call.input['Entries'] as readonly Readonly<Record<string, unknown>>[];
    return entries.map(({ Source, DetailType, EventBusName = 'default' }) => {
      const bus = String(EventBusName);
      const resource = bus.startsWith('arn:') ? bus : regionalArn(account, 'events', `event-bus/${bus}`);
      const context = { 'events:source': String(Source), 'events:detail-type': String(DetailType) };
      return { kind: 'action', call: { action: 'events:PutEvents', resource, context } };
    });
  },
};

/**
 * The permissions that a caller must have for a call, in the order in which AWS asks for them.
 * @throws Error for an operation that nobody of this project calls under a role
 */
export const neededPermissions: Needs = (call, account, known) => {
  const needs = NEEDS[call.service];
  if (needs === undefined) throw unknown(call);
  return needs(call, account, known);
};

/** The partition key of the one item that a call is about. */
function leadingKey({ input }: ServiceCall): string | undefined {
  const { Key, Item } = input as Readonly<
    Record<string, Readonly<Record<string, { S?: string }>> | undefined>
  >;
  return (Key ?? Item)?.['pk']?.S;
}

function action({ service, operation }: ServiceCall, resource: string): NeededPermission {
  return { kind: 'action', call: { action: `${service}:${operation}`, resource } };
}

/** A key is used by the service in the caller's name. Without a key of the customer's nothing is asked. */
function keyUse(account: Account, service: string, encryptionContext: Readonly<Record<string, string>>) {
  const context = {
    'kms:CallerAccount': account.accountId,
    'kms:ViaService': viaService(account, service),
    ...encryptionContext,
  };
  return (name: string, key: string | undefined): NeededPermission[] =>
    key === undefined ? [] : [{ kind: 'key', call: { action: name, resource: key, context } }];
}

/** The ARN of a customer-managed key; `undefined` where AWS manages it. @throws Error for another name of a key */
function customerKey(keyId: unknown): string | undefined {
  if (keyId === undefined || keyId === AWS_KEY_OF_PARAMETERS) return undefined;
  if (typeof keyId === 'string' && /^arn:[^:]+:kms:[^:]+:\d+:key\//.test(keyId)) return keyId;
  throw new Error(`cannot judge the key ${String(keyId)}: expected its ARN`);
}

function unknown({ service, operation }: ServiceCall): Error {
  return new Error(`cannot judge ${service}:${operation}`);
}
