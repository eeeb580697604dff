import { describe, expect, test } from 'vitest';
import {
  type Call,
  type Caller,
  type Context,
  isAllowed,
  mayUseKey,
  type Statement,
} from '../../local/iam/policy-evaluator.ts';
import { statementName } from '../../local/iam/role.ts';
import { type KeyRow, keyLostWithout, lostWithout } from '../local/iam/support/without-statement.ts';
import { startDeployment } from '../support/deployment.ts';
import { ACCOUNT, REGION, ResolvedTemplates, SECRET_SUFFIX } from '../support/resolved-template.ts';
import { synthesise } from '../support/synthesised.ts';

const OWN_CREDENTIALS = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:legacy/client${SECRET_SUFFIX}`;
const OWN_TOKEN = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:legacy/token${SECRET_SUFFIX}`;
const SIGNING_KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/signing`;
/** A key of another Region signs too. */
const ROTATED_SIGNING_KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/signing`;
const AUDIENCE = 'api://AzureADTokenExchange';
const OWN_KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/legacy`;

const { storage, refresh, templates } = synthesise({
  connections: {
    crm: { provider: 'kajabi', credentials: 'kajabi-main' },
    'desk/acme': { provider: 'kajabi', credentials: 'kajabi-main', consoleRotate: true },
    legacy: {
      tokenUrl: 'https://idp.example.com/token',
      credentials: { secretArn: OWN_CREDENTIALS, keyArn: OWN_KEY },
      token: { secretArn: OWN_TOKEN, keyArn: OWN_KEY },
    },
    signed: {
      tokenUrl: 'https://idp.example.com/token',
      credentials: 'signed',
      clientAuthentication: 'private_key_jwt',
      signingKey: { kmsKeyArn: SIGNING_KEY },
    },
    'signed/rotated': {
      tokenUrl: 'https://idp.example.com/token',
      credentials: 'signed',
      clientAuthentication: 'private_key_jwt',
      signingKey: { kmsKeyArn: ROTATED_SIGNING_KEY },
      rules: { request: { assertion: { use: 'client', claims: { sub: 'SHA256:{key.sha256}' } } } },
      consoleRotate: true,
    },
    minutes: {
      tokenUrl: 'https://idp.example.com/token',
      credentials: 'signed',
      grants: ['client_credentials'],
      publishTo: 'parameter',
    },
    trusted: {
      tokenUrl: 'https://idp.example.com/token',
      identity: 'aws',
      clientId: 'public',
      rules: { identity: { use: 'client', audience: AUDIENCE } },
      consoleRotate: true,
    },
  },
});
const resolved = new ResolvedTemplates(templates.values());

const secret = (name: string) => `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${name}${SECRET_SUFFIX}`;
const parameter = (name: string) => `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter${name}`;
const table = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/evertoken-state`;
const fn = (name: string) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
const bus = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default`;
const queue = resolved.arnOf('RefresherDeadLetterQueue', 'AWS::SQS::Queue');
const wakeUps = resolved.arnOf('RefresherWakeUpsQueue', 'AWS::SQS::Queue');
const key = resolved.arnOf('StorageKey', 'AWS::KMS::Key');
const rescueKey = resolved.arnOf('StorageRescueKey', 'AWS::KMS::Key');
const otherKey = `arn:aws:kms:${REGION}:${ACCOUNT}:key/other`;

const role = (prefix: string): Caller => ({
  arn: resolved.arnOf(prefix, 'AWS::IAM::Role'),
  accountId: ACCOUNT,
  statements: resolved.statementsOf(prefix),
});

const callers = {
  'refresh-due': role('RefresherRefreshDueRole'),
  'refresh-now': role('RefresherRefreshNowRole'),
  reconcile: role('RefresherReconcileRole'),
  'rotate-secret': role('RefresherRotateSecretRole'),
  'status-widget': role('RefresherStatusWidgetRole'),
  'status-action': role('RefresherStatusActionRole'),
  scheduler: role('RefresherSchedulesRole'),
  operator: {
    arn: `arn:aws:iam::${ACCOUNT}:user/operator`,
    accountId: ACCOUNT,
    statements: resolved.documentOf('AWS::IAM::ManagedPolicy', 'PolicyDocument'),
  },
} satisfies Record<string, Caller>;

type Row = [action: string, resource: string, context?: Context];

const SECRET_VALUES = ['secretsmanager:GetSecretValue', 'secretsmanager:BatchGetSecretValue'];
const ALL_SECRETS = [
  secret('evertoken/credentials/kajabi-main'),
  secret('evertoken/refresh-tokens/crm'),
  secret('evertoken/tokens/crm'),
  secret('evertoken/tokens/books/acme'),
  OWN_CREDENTIALS,
  OWN_TOKEN,
  secret('other'),
];

const everywhere = (actions: readonly string[], resources: readonly string[]): Row[] =>
  actions.flatMap((action) => resources.map((resource): Row => [action, resource]));

const GET_IDENTITY = 'sts:GetWebIdentityToken';
const self = `arn:aws:sts::${ACCOUNT}:self`;
/** What STS is asked of the role's own identity. */
const identityRow = (audience: readonly string[], asked: Record<string, string> = {}): Row => [
  GET_IDENTITY,
  self,
  {
    'sts:IdentityTokenAudience': audience,
    'sts:SigningAlgorithm': 'RS256',
    'sts:DurationSeconds': '300',
    ...asked,
  },
];
/** A token of the role's own, for the audience that is declared. */
const IDENTITY: Row[] = [identityRow([AUDIENCE]), identityRow([AUDIENCE], { 'sts:DurationSeconds': '60' })];

/** What brings wake-ups: in the name of one function alone, since each message is taken once. */
const TAKING_WAKE_UPS: Row[] = everywhere(
  ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
  [wakeUps],
);

/** What nobody may, whoever they are. */
const NOBODY: Row[] = [
  identityRow(['https://elsewhere.example.com']),
  identityRow([AUDIENCE, 'https://elsewhere.example.com']),
  identityRow([]),
  identityRow([AUDIENCE], { 'sts:DurationSeconds': '301' }),
  identityRow([AUDIENCE], { 'sts:SigningAlgorithm': 'ES384' }),
  ['sts:TagGetWebIdentityToken', self, { 'sts:IdentityTokenAudience': [AUDIENCE] }],
  ['sts:AssumeRole', `arn:aws:iam::${ACCOUNT}:role/any`],
  ['kms:Sign', `arn:aws:kms:${REGION}:${ACCOUNT}:key/other`],
  ['kms:Decrypt', SIGNING_KEY],
  ['kms:GetPublicKey', SIGNING_KEY],
  ...everywhere(
    [
      'secretsmanager:UpdateSecret',
      'secretsmanager:DeleteSecret',
      'secretsmanager:PutResourcePolicy',
      'secretsmanager:UpdateSecretVersionStage',
      'secretsmanager:RotateSecret',
      'secretsmanager:BatchGetSecretValue',
    ],
    ALL_SECRETS,
  ),
  ['secretsmanager:GetSecretValue', secret('evertokenx/credentials/a')],
  ['secretsmanager:GetSecretValue', secret('other')],
  ['secretsmanager:PutSecretValue', secret('other')],
  ['dynamodb:DeleteTable', table],
  ['dynamodb:UpdateTable', table],
  ['dynamodb:GetItem', `${table}-other`],
  ['ssm:GetParameter', parameter('/other')],
  ['ssm:PutParameter', parameter('/evertoken/deployment')],
  ['events:PutEvents', bus, { 'events:source': 'aws.ssm' }],
  ['iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/any`],
  ['lambda:UpdateFunctionCode', fn('evertoken-refresh-due')],
  ['kms:ScheduleKeyDeletion', key],
  ['kms:PutKeyPolicy', key],
  ['kms:CreateGrant', key],
  ...everywhere(['sqs:PurgeQueue', 'sqs:SetQueueAttributes', 'sqs:DeleteQueue'], [queue, wakeUps]),
  ...everywhere(['sqs:ReceiveMessage', 'sqs:DeleteMessage'], [queue]),
];

/** Each has a log of its own. */
const FUNCTIONS = ['refresh-due', 'refresh-now', 'reconcile', 'rotate-secret'].map((handler) =>
  fn(`evertoken-${handler}`),
);
const LOG_GROUPS = ['RefreshDue', 'RefreshNow', 'Reconcile', 'RotateSecret'].map((id) =>
  resolved.arnOf(`Refresher${id}Logs`, 'AWS::Logs::LogGroup'),
);

const PUT = 'secretsmanager:PutSecretValue';
const GET = 'secretsmanager:GetSecretValue';
const DESCRIBE = 'secretsmanager:DescribeSecret';
const MOVE_LABELS = 'secretsmanager:UpdateSecretVersionStage';

const STATE: Row[] = everywhere(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], [table]);

/** Secrets by ARN, of a connection that the console does not rotate. */
const OWN: Row[] = [
  ...everywhere([GET, DESCRIBE], [OWN_CREDENTIALS]),
  ...everywhere([GET, PUT], [OWN_TOKEN]),
];

/** Of connections that the console rotates. */
const PROOFS_OF_ROTATED: Row[] = [
  ...everywhere(['kms:Sign', 'kms:GetPublicKey'], [ROTATED_SIGNING_KEY]),
  ...IDENTITY,
];
const PROOFS: Row[] = [['kms:Sign', SIGNING_KEY], ...PROOFS_OF_ROTATED];

/** What operators store is theirs to change. */
const WRITES_OF_CREDENTIALS: Row[] = everywhere(
  [PUT, 'secretsmanager:UpdateSecret', MOVE_LABELS],
  [secret('evertoken/credentials/kajabi-main'), OWN_CREDENTIALS],
);

/** The one secret that the console rotates. */
const ROTATED = secret('evertoken/tokens/desk/acme');

const REFRESHING: { allowed: Row[]; denied: Row[] } = {
  allowed: [
    ...everywhere([GET, DESCRIBE], [secret('evertoken/credentials/kajabi-main')]),
    ...everywhere(
      [GET, DESCRIBE, PUT, 'secretsmanager:ListSecretVersionIds'],
      [secret('evertoken/refresh-tokens/books/acme'), secret('evertoken/refresh-tokens/books/acme@3')],
    ),
    ['secretsmanager:CreateSecret', secret('evertoken/refresh-tokens/books/acme@3')],
    [PUT, secret('evertoken/tokens/crm')],
    ...everywhere(
      ['ssm:GetParameter', 'ssm:PutParameter', 'ssm:DeleteParameter'],
      [parameter('/evertoken/rescue/books/acme')],
    ),
    ['ssm:GetParametersByPath', parameter('/evertoken/rescue')],
    ...everywhere(
      ['ssm:GetParameter', 'ssm:PutParameter', 'ssm:DeleteParameter'],
      [parameter('/evertoken/tokens/crm'), parameter('/evertoken/tokens/books/acme')],
    ),
    ...STATE,
    ['dynamodb:BatchGetItem', table],
    ['dynamodb:BatchWriteItem', table],
    ['dynamodb:DeleteItem', table],
    ['events:PutEvents', bus, { 'events:source': 'evertoken' }],
    ['sqs:SendMessage', wakeUps],
  ],
  denied: [
    [PUT, secret('evertoken/credentials/kajabi-main')],
    [PUT, OWN_CREDENTIALS],
    [GET, secret('evertoken/tokens/crm')],
    ...everywhere(
      ['secretsmanager:CreateSecret'],
      [
        secret('evertoken/tokens/new'),
        secret('evertoken/refresh-tokens/new'),
        secret('evertoken/credentials/new@1'),
        secret('payments/refresh-tokens/books/acme@3'),
      ],
    ),
    ['ssm:PutParameter', parameter('/evertoken/connections/crm')],
    ['ssm:PutParameter', parameter('/payments/tokens/crm')],
    ['ssm:GetParametersByPath', parameter('/evertoken/tokens')],
    ['dynamodb:Scan', table],
    ['dynamodb:Query', table],
    ['lambda:InvokeFunction', fn('evertoken-refresh-now')],
    ['events:PutEvents', bus],
  ],
};

/** Tokens in parameters, which concern nobody but who refreshes and who was granted one. */
const TOKENS_IN_PARAMETERS: Row[] = [
  ...everywhere(
    ['ssm:GetParameter', 'ssm:PutParameter', 'ssm:DeleteParameter'],
    [parameter('/evertoken/tokens/crm')],
  ),
  ['ssm:GetParametersByPath', parameter('/evertoken/tokens')],
];

/** What a tick alone asks: which connections are due, and how all stand. */
const DUE: Row[] = everywhere(['dynamodb:Query'], [`${table}/index/due`, `${table}/index/watch`]);

const writingLogs = (id: string) => {
  const streams = resolved.arnOf(`Refresher${id}Logs`, 'AWS::Logs::LogGroup');
  return everywhere(['logs:CreateLogStream', 'logs:PutLogEvents'], [streams.replace('*', 'log-stream:a')]);
};

const READING_STATE: Row[] = everywhere(
  ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Scan'],
  [table],
);
const changing = (...keys: string[]): Row => ['dynamodb:UpdateItem', table, { 'dynamodb:LeadingKeys': keys }];
/** What neither function of the status widget may, whoever looks or presses. */
const NOT_OF_A_PAGE: Row[] = [
  ...PROOFS,
  ...TAKING_WAKE_UPS,
  ...TOKENS_IN_PARAMETERS,
  ...DUE,
  ...everywhere([...SECRET_VALUES, DESCRIBE, PUT], ALL_SECRETS),
  ...everywhere(['ssm:GetParameter', 'ssm:PutParameter'], [parameter('/evertoken/connections/crm')]),
  ['ssm:GetParameter', parameter('/evertoken/rescue/crm')],
  ...everywhere(
    ['dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:BatchWriteItem', 'dynamodb:UpdateItem'],
    [table],
  ),
  changing('tick'),
  changing('secret#arn'),
  changing('connection#crm', 'tick'),
  ['events:PutEvents', bus, { 'events:source': 'evertoken' }],
  ['sqs:SendMessage', queue],
  ['sqs:SendMessage', wakeUps],
  ['lambda:InvokeFunction', fn('evertoken-refresh-due')],
  ['lambda:InvokeFunction', fn('evertoken-reconcile')],
  ['lambda:InvokeFunction', fn('other')],
];

const TABLE: Record<keyof typeof callers, { allowed: Row[]; denied: Row[] }> = {
  'refresh-due': {
    allowed: [...REFRESHING.allowed, ...OWN, ...PROOFS, ...writingLogs('RefreshDue'), ...DUE],
    denied: [
      ...REFRESHING.denied,
      ...TAKING_WAKE_UPS,
      ...everywhere([GET, MOVE_LABELS], [ROTATED]),
      ['ssm:GetParameter', parameter('/evertoken/connections/crm')],
    ],
  },
  'refresh-now': {
    allowed: [
      ...REFRESHING.allowed,
      ...OWN,
      ...PROOFS,
      ...writingLogs('RefreshNow'),
      ...TAKING_WAKE_UPS,
      ['ssm:GetParameter', parameter('/evertoken/connections/crm')],
      ['sqs:SendMessage', queue],
    ],
    denied: [
      ...REFRESHING.denied,
      ...DUE,
      ...everywhere([GET, MOVE_LABELS], [ROTATED]),
      ['ssm:GetParametersByPath', parameter('/evertoken/connections')],
    ],
  },
  'rotate-secret': {
    allowed: [
      ...REFRESHING.allowed,
      ...PROOFS_OF_ROTATED,
      ...writingLogs('RotateSecret'),
      ...everywhere([GET, DESCRIBE, PUT, MOVE_LABELS], [ROTATED]),
      ['ssm:GetParameter', parameter('/evertoken/connections/desk/acme')],
    ],
    denied: [
      ...REFRESHING.denied,
      ...TAKING_WAKE_UPS,
      ...DUE,
      ...OWN,
      // That of a connection which the console does not rotate.
      ['kms:Sign', SIGNING_KEY],
      ...everywhere(
        [GET, DESCRIBE, MOVE_LABELS],
        [
          secret('evertoken/tokens/crm'),
          secret('evertoken/tokens/desk'),
          secret('evertoken/tokens/desk/acme-2'),
          secret('evertoken/tokens/desk/acme/2'),
        ],
      ),
      ...everywhere(
        [MOVE_LABELS],
        [secret('evertoken/refresh-tokens/desk/acme'), secret('evertoken/credentials/kajabi-main')],
      ),
      ...everywhere(
        ['secretsmanager:RotateSecret', 'secretsmanager:CancelRotateSecret', 'secretsmanager:UpdateSecret'],
        [ROTATED],
      ),
      ['ssm:GetParametersByPath', parameter('/evertoken/connections')],
      ['sqs:SendMessage', queue],
    ],
  },
  // Neither what keeps the books nor what keeps the time, nor a person who operates it, proves anything.
  reconcile: {
    allowed: [
      ...everywhere(
        ['ssm:GetParametersByPath', 'ssm:GetParameter'],
        [parameter('/evertoken/connections'), parameter('/evertoken/connections/books/acme')],
      ),
      ...STATE,
      ...writingLogs('Reconcile'),
      ['dynamodb:Scan', table],
      ['dynamodb:Query', `${table}/index/watch`],
      ['events:PutEvents', bus, { 'events:source': 'evertoken' }],
      ['sqs:SendMessage', queue],
    ],
    denied: [
      ['sqs:SendMessage', wakeUps],
      ...TAKING_WAKE_UPS,
      ...PROOFS,
      ...TOKENS_IN_PARAMETERS,
      ...everywhere([...SECRET_VALUES, DESCRIBE, PUT], ALL_SECRETS),
      ['ssm:GetParameter', parameter('/evertoken/rescue/crm')],
      ['ssm:PutParameter', parameter('/evertoken/connections/crm')],
      ['ssm:DeleteParameter', parameter('/evertoken/connections/crm')],
      ['dynamodb:DeleteItem', table],
      ['dynamodb:BatchWriteItem', table],
      ['dynamodb:Query', `${table}/index/due`],
    ],
  },
  'status-widget': {
    allowed: [...READING_STATE, ...writingLogs('StatusWidget')],
    denied: [
      ...NOT_OF_A_PAGE,
      changing('connection#crm'),
      ['lambda:InvokeFunction', fn('evertoken-refresh-now')],
      ['lambda:InvokeFunction', fn('evertoken-status-action')],
    ],
  },
  'status-action': {
    allowed: [
      ...READING_STATE,
      ...writingLogs('StatusAction'),
      changing('connection#crm'),
      changing('connection#books/acme'),
      ['lambda:InvokeFunction', fn('evertoken-refresh-now')],
    ],
    denied: [...NOT_OF_A_PAGE, ['lambda:InvokeFunction', fn('evertoken-status-widget')]],
  },
  scheduler: {
    allowed: [
      ['lambda:InvokeFunction', fn('evertoken-refresh-due')],
      ['lambda:InvokeFunction', fn('evertoken-reconcile')],
      ['sqs:SendMessage', queue],
    ],
    denied: [
      ['sqs:SendMessage', wakeUps],
      ...TAKING_WAKE_UPS,
      ...PROOFS,
      ...TOKENS_IN_PARAMETERS,
      ...everywhere([...SECRET_VALUES, DESCRIBE, PUT], ALL_SECRETS),
      ['lambda:InvokeFunction', fn('evertoken-refresh-now')],
      ['lambda:InvokeFunction', fn('evertoken-refresh-due:1')],
      ['lambda:InvokeFunction', fn('other')],
      ['dynamodb:GetItem', table],
    ],
  },
  operator: {
    allowed: [
      ...everywhere(
        ['secretsmanager:CreateSecret', PUT, DESCRIBE, 'secretsmanager:TagResource'],
        [
          secret('evertoken/credentials/new'),
          secret('evertoken/refresh-tokens/new'),
          secret('evertoken/tokens/new'),
        ],
      ),
      ...everywhere(
        ['ssm:PutParameter', 'ssm:GetParameter', 'ssm:DeleteParameter'],
        [parameter('/evertoken/connections/new')],
      ),
      ['ssm:GetParameter', parameter('/evertoken/deployment')],
      ['ssm:GetParametersByPath', parameter('/evertoken/connections')],
      ...everywhere(
        ['lambda:InvokeFunction'],
        [fn('evertoken-refresh-now'), fn('evertoken-status-widget'), fn('evertoken-status-action')],
      ),
      ...STATE,
      ['dynamodb:Scan', table],
      ['dynamodb:BatchGetItem', table],
      ['dynamodb:Query', `${table}/index/due`],
      ['dynamodb:DescribeTable', table],
      ...everywhere(['lambda:GetFunctionConfiguration'], FUNCTIONS),
      ...everywhere(['logs:FilterLogEvents'], LOG_GROUPS),
    ],
    denied: [
      ...everywhere(['ssm:PutParameter', 'ssm:DeleteParameter'], [parameter('/evertoken/deployment')]),
      ...everywhere(
        ['logs:DeleteLogGroup', 'logs:PutRetentionPolicy', 'logs:PutLogEvents', 'logs:StartQuery'],
        LOG_GROUPS,
      ),
      ['logs:FilterLogEvents', `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:other:*`],
      ['lambda:GetFunctionConfiguration', fn('other')],
      ...everywhere(['lambda:GetFunction', 'lambda:UpdateFunctionConfiguration'], FUNCTIONS),
      ...PROOFS,
      ...TOKENS_IN_PARAMETERS,
      ...everywhere(SECRET_VALUES, ALL_SECRETS),
      ...everywhere(
        ['ssm:GetParameter', 'ssm:PutParameter', 'ssm:DeleteParameter'],
        [parameter('/evertoken/rescue/crm')],
      ),
      ['lambda:InvokeFunction', fn('evertoken-refresh-due')],
      ['dynamodb:Query', `${table}/index/watch`],
      ['dynamodb:DeleteItem', table],
      ['dynamodb:BatchWriteItem', table],
      ['secretsmanager:CreateSecret', secret('other/credentials/new')],
    ],
  },
};

const asCall = (action: string, resource: string, context: Context = {}): Call => ({
  action,
  resource,
  context,
});

describe.each(Object.entries(TABLE))('%s', (name, { allowed, denied }) => {
  const caller = callers[name as keyof typeof callers];

  test.each(allowed)('may %s on %s', (action, resource, context) => {
    expect(isAllowed(caller, asCall(action, resource, context))).toBe(true);
  });

  test.each([...denied, ...NOBODY])('may not %s on %s', (action, resource, context) => {
    expect(isAllowed(caller, asCall(action, resource, context))).toBe(false);
  });
});

describe('the key', () => {
  const keyPolicy = resolved.documentOf('AWS::KMS::Key', 'KeyPolicy', 'StorageKey');
  const rescueKeyPolicy = resolved.documentOf('AWS::KMS::Key', 'KeyPolicy', 'StorageRescueKey');
  const via = (service: string, secretArn?: string) => ({
    'kms:CallerAccount': ACCOUNT,
    ...(service !== '' && { 'kms:ViaService': `${service}.${REGION}.amazonaws.com` }),
    ...(secretArn !== undefined && { 'kms:EncryptionContext:SecretARN': secretArn }),
  });
  const ofParameter = (name: string) => ({
    ...via('ssm'),
    'kms:EncryptionContext:PARAMETER_ARN': parameter(name),
  });
  const reader: Caller = { arn: `arn:aws:iam::${ACCOUNT}:role/reader`, accountId: ACCOUNT, statements: [] };
  const stranger: Caller = {
    arn: 'arn:aws:iam::999999999999:role/stranger',
    accountId: '999999999999',
    statements: [{ Effect: 'Allow', Action: 'kms:*', Resource: '*' }],
  };
  const administrator: Caller = {
    ...reader,
    statements: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  };
  /** Each machine with AmazonSSMManagedInstanceCore. */
  const machine: Caller = {
    ...reader,
    statements: [{ Effect: 'Allow', Action: ['ssm:GetParameter', 'ssm:GetParameters'], Resource: '*' }],
  };
  const credentials = secret('evertoken/credentials/kajabi-main');
  const token = secret('evertoken/tokens/crm');
  const DECRYPT = 'kms:Decrypt';
  const ENCRYPT = 'kms:GenerateDataKey';

  const rows: readonly KeyRow[] = [
    ['refresh-due, credentials', callers['refresh-due'], DECRYPT, via('secretsmanager', credentials), true],
    ['refresh-now, a token', callers['refresh-now'], ENCRYPT, via('secretsmanager', token), true],
    [
      'refresh-due, a further secret of a ring',
      callers['refresh-due'],
      ENCRYPT,
      via('secretsmanager', 'RequestToValidateKeyAccess'),
      true,
    ],
    ['refresh-due, the state', callers['refresh-due'], DECRYPT, via('dynamodb'), true],
    ['refresh-now, the state', callers['refresh-now'], DECRYPT, via('dynamodb'), true],
    ['rotate-secret, the state', callers['rotate-secret'], DECRYPT, via('dynamodb'), true],
    ['operator, the state', callers.operator, DECRYPT, via('dynamodb'), true],
    ['refresh-due, directly', callers['refresh-due'], DECRYPT, via(''), false],
    ['refresh-due, through S3', callers['refresh-due'], DECRYPT, via('s3'), false],
    [
      'refresh-due, a secret of others',
      callers['refresh-due'],
      DECRYPT,
      via('secretsmanager', secret('other')),
      false,
    ],
    [
      'rotate-secret, a token that it published',
      callers['rotate-secret'],
      DECRYPT,
      via('secretsmanager', ROTATED),
      true,
    ],
    ['rotate-secret, a new token', callers['rotate-secret'], ENCRYPT, via('secretsmanager', ROTATED), true],
    ['rotate-secret, the state', callers['rotate-secret'], DECRYPT, via('dynamodb'), true],
    ['rotate-secret, directly', callers['rotate-secret'], DECRYPT, via(''), false],
    ['reconcile, the state', callers.reconcile, ENCRYPT, via('dynamodb'), true],
    ['status-widget, the state', callers['status-widget'], DECRYPT, via('dynamodb'), true],
    [
      'status-widget, credentials',
      callers['status-widget'],
      DECRYPT,
      via('secretsmanager', credentials),
      false,
    ],
    ['status-action, the state', callers['status-action'], ENCRYPT, via('dynamodb'), true],
    [
      'status-action, credentials',
      callers['status-action'],
      DECRYPT,
      via('secretsmanager', credentials),
      false,
    ],
    ['reconcile, credentials', callers.reconcile, DECRYPT, via('secretsmanager', credentials), false],
    ['operator, credentials', callers.operator, ENCRYPT, via('secretsmanager', credentials), true],
    [
      'operator, a new secret',
      callers.operator,
      ENCRYPT,
      via('secretsmanager', 'RequestToValidateKeyAccess'),
      true,
    ],
    ['operator, directly', callers.operator, DECRYPT, via(''), false],
    ...(['refresh-due', 'refresh-now', 'rotate-secret'] as const).flatMap((name) =>
      ['kms:Encrypt', ENCRYPT, DECRYPT].map(
        (action): KeyRow => [
          `${name}, a token in a parameter: ${action}`,
          callers[name],
          action,
          ofParameter('/evertoken/tokens/books/acme'),
          true,
        ],
      ),
    ),
    ...['/evertoken/rescue/crm', '/evertoken/connections/crm', '/payments/tokens/crm'].map(
      (name): KeyRow => [
        `refresh-due, another parameter: ${name}`,
        callers['refresh-due'],
        DECRYPT,
        ofParameter(name),
        false,
      ],
    ),
    [
      'refresh-due, a token in a parameter through Secrets Manager',
      callers['refresh-due'],
      DECRYPT,
      { ...ofParameter('/evertoken/tokens/crm'), ...via('secretsmanager') },
      false,
    ],
    [
      'operator, a token in a parameter',
      callers.operator,
      DECRYPT,
      ofParameter('/evertoken/tokens/crm'),
      false,
    ],
    [
      'reconcile, a token in a parameter',
      callers.reconcile,
      DECRYPT,
      ofParameter('/evertoken/tokens/crm'),
      false,
    ],
    [
      'a machine of Systems Manager, which may get any parameter, a token',
      machine,
      DECRYPT,
      ofParameter('/evertoken/tokens/crm'),
      false,
    ],
    [
      'an administrator, a token in a parameter',
      administrator,
      DECRYPT,
      ofParameter('/evertoken/tokens/crm'),
      true,
    ],
    ['an administrator, a rescue', administrator, DECRYPT, ofParameter('/evertoken/rescue/crm'), false],
    [
      'another account, a token in a parameter',
      stranger,
      DECRYPT,
      { ...ofParameter('/evertoken/tokens/crm'), 'kms:CallerAccount': '999999999999' },
      false,
    ],
    ['scheduler, the state', callers.scheduler, DECRYPT, via('dynamodb'), false],
    ['a reader, a token', reader, DECRYPT, via('secretsmanager', token), true],
    [
      'a reader, a token of a longer name',
      reader,
      DECRYPT,
      via('secretsmanager', secret('evertoken/tokens/books/acme')),
      true,
    ],
    ['a reader, writing a token', reader, ENCRYPT, via('secretsmanager', token), false],
    ['a reader, credentials', reader, DECRYPT, via('secretsmanager', credentials), false],
    [
      'a reader, a refresh token',
      reader,
      DECRYPT,
      via('secretsmanager', secret('evertoken/refresh-tokens/crm')),
      false,
    ],
    ['a reader, directly', reader, DECRYPT, { ...via(''), 'kms:EncryptionContext:SecretARN': token }, false],
    ['a reader, through Systems Manager', reader, DECRYPT, via('ssm', token), false],
    ['an administrator, through Systems Manager', administrator, DECRYPT, via('ssm'), false],
    ['an administrator, directly', administrator, DECRYPT, via(''), false],
    ['an administrator, its policy', administrator, 'kms:PutKeyPolicy', via(''), true],
    [
      'an administrator, a grant for the table',
      administrator,
      'kms:CreateGrant',
      { ...via('dynamodb'), 'kms:GrantIsForAWSResource': 'true' },
      true,
    ],
    ['an administrator, a grant for anybody', administrator, 'kms:CreateGrant', via(''), false],
    [
      'another account, a token',
      stranger,
      DECRYPT,
      { ...via('secretsmanager', token), 'kms:CallerAccount': '999999999999' },
      false,
    ],
  ];

  test.each(rows)('%s', (_, caller, action, context, allowed) => {
    expect(mayUseKey(caller, keyPolicy, { action, resource: key, context })).toBe(allowed);
  });

  test.each(keyPolicy.map((statement) => [statement.Sid, statement] as const))(
    'could not be used as it must be without %s in its own policy',
    (_, statement) => {
      expect(keyLostWithout(statement, { policy: keyPolicy, key, rows })).not.toEqual([]);
    },
  );

  test.each<[string, Record<string, string>, boolean]>([
    ['through Secrets Manager', via('secretsmanager', OWN_CREDENTIALS), true],
    ['through Systems Manager', via('ssm'), false],
    ['directly', via('', OWN_CREDENTIALS), false],
  ])('of a secret by ARN is granted %s', (_, context, allowed) => {
    for (const name of ['refresh-due', 'refresh-now'] as const) {
      expect(isAllowed(callers[name], { action: DECRYPT, resource: OWN_KEY, context })).toBe(allowed);
      expect(isAllowed(callers[name], { action: DECRYPT, resource: otherKey, context })).toBe(false);
    }
  });

  // What is not listed at all may be taken away unnoticed.
  const OWN_KEY_POLICY: readonly Statement[] = [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' },
  ];
  const usesOfOwnKey = [
    [DECRYPT, OWN_CREDENTIALS],
    [ENCRYPT, OWN_TOKEN],
  ].map(([action = '', secretArn]) => asCall(action, OWN_KEY, via('secretsmanager', secretArn)));
  const throughParameterStore = ofParameter('/evertoken/rescue/books/acme');
  const usesOfRescueKey = ['kms:Encrypt', ENCRYPT, DECRYPT].map((action) =>
    asCall(action, rescueKey, throughParameterStore),
  );
  const policyOf = (arn: string) =>
    new Map([
      [OWN_KEY, OWN_KEY_POLICY],
      [rescueKey, rescueKeyPolicy],
    ]).get(arn) ?? keyPolicy;
  const statements = Object.entries(callers).flatMap(([name, caller]) =>
    caller.statements.map((statement) => [name, statementName(statement), statement] as const),
  );

  test.each(statements)('%s could not do all that it must without %s', (name, _, statement) => {
    const caller = callers[name as keyof typeof callers];
    const isRefreshing = name === 'refresh-due' || name === 'refresh-now';
    const needed = [
      ...TABLE[name as keyof typeof callers].allowed.map((row) => ({
        kind: 'action' as const,
        call: asCall(...row),
      })),
      ...rows
        .filter(([, who, , , allowed]) => who === caller && allowed)
        .map(([, , action, context]) => ({ kind: 'key' as const, call: asCall(action, key, context) })),
      ...(isRefreshing ? usesOfOwnKey.map((call) => ({ kind: 'key' as const, call })) : []),
      ...(isRefreshing || name === 'rotate-secret'
        ? usesOfRescueKey.map((call) => ({ kind: 'key' as const, call }))
        : []),
    ];
    if (statement.Effect === 'Deny') {
      expect(grantedWithout(caller, statement)).not.toEqual([]);
      return;
    }
    const lost = lostWithout(caller, statement, needed, {
      accountId: ACCOUNT,
      keyPolicy: policyOf,
    });
    expect(lost).not.toEqual([]);
  });
});

/** What a role may not even where a policy allows it everything, and could without one of its denials. */
function grantedWithout(caller: Caller, denial: Statement): Row[] {
  const everything: Statement = { Effect: 'Allow', Action: '*', Resource: '*' };
  const may = (statements: readonly Statement[], row: Row) =>
    isAllowed({ ...caller, statements: [...statements, everything] }, asCall(...row));
  const without = caller.statements.filter((statement) => statement !== denial);
  return WRITES_OF_CREDENTIALS.filter((row) => !may(caller.statements, row) && may(without, row));
}

describe.each(['refresh-due', 'refresh-now'] as const)('whatever else is granted to %s', (name) => {
  test.each(WRITES_OF_CREDENTIALS)('it may not %s on %s', (action, resource) => {
    const { arn, accountId, statements } = callers[name];
    const everything: Statement = { Effect: 'Allow', Action: '*', Resource: '*' };
    const caller = { arn, accountId, statements: [...statements, everything] };
    expect(isAllowed(caller, asCall(action, resource))).toBe(false);
  });
});

describe('every policy of an identity', () => {
  const statements = [
    ...[
      'RefreshDue',
      'RefreshNow',
      'Reconcile',
      'RotateSecret',
      'StatusWidget',
      'StatusAction',
      'Schedules',
    ].flatMap((name) => resolved.statementsOf(`Refresher${name}Role`)),
    ...callers.operator.statements,
  ];

  test('names its actions and its resources', () => {
    expect(statements.length).toBeGreaterThan(30);
    expect(statements.flatMap(({ Action }) => Action).filter((action) => action.includes('*'))).toEqual([]);
    const everywhere = statements.filter(({ Resource = '*' }) => [Resource].flat().includes('*'));
    // STS knows no resource of it: the conditions name what may be asked for.
    expect(everywhere.filter(({ Action }) => Action !== GET_IDENTITY)).toEqual([]);
    expect(everywhere.map(({ Condition = {} }) => Object.values(Condition).flatMap(Object.keys))).toEqual(
      Array(3).fill([
        'sts:IdentityTokenAudience',
        'sts:IdentityTokenAudience',
        'sts:SigningAlgorithm',
        'sts:DurationSeconds',
      ]),
    );
    expect(statements.filter(({ Effect }) => Effect !== 'Allow' && Effect !== 'Deny')).toEqual([]);
  });

  test('allows a wildcard only under the prefix of the namespace, or in the streams of one log group', () => {
    const wild = statements
      .filter(({ Action }) => Action !== GET_IDENTITY)
      .flatMap(({ Resource }) => Resource ?? [])
      .filter((one) => /[*?]/.test(one));
    const expected =
      /:(secret:evertoken\/([a-z-]+\/(\*|[^*?]+-\?{6})|refresh-tokens\/\*@\*)|parameter\/evertoken\/[a-z]+\/\*|log-group:Refresher\w+:\*)$/;
    expect(wild.filter((one) => !expected.test(one))).toEqual([]);
  });
});

test('the role of the scheduler is assumed for this account and this group alone', () => {
  const role = Object.entries(refresh.Resources).find(([id]) => id.startsWith('RefresherSchedulesRole'));
  expect(role?.[1].Properties['AssumeRolePolicyDocument']).toMatchObject({
    Statement: [
      {
        Principal: { Service: 'scheduler.amazonaws.com' },
        Condition: {
          StringEquals: {
            'aws:SourceAccount': { Ref: 'AWS::AccountId' },
            'aws:SourceArn': { 'Fn::GetAtt': [expect.stringMatching(/^RefresherSchedulesGroup/), 'Arn'] },
          },
        },
      },
    ],
  });
});

test('what proves a client by AWS is granted to nobody but the functions that refresh', () => {
  const reader: Caller = { arn: `arn:aws:iam::${ACCOUNT}:role/reader`, accountId: ACCOUNT, statements: [] };
  const policies = [...templates.values()].flatMap(({ Resources }) =>
    Object.entries(Resources).filter(([, { Type }]) =>
      /^AWS::IAM::|::ResourcePolicy$|^AWS::KMS::Key$/.test(Type),
    ),
  );
  const granting = policies.filter(([, policy]) => /"(kms:Sign|sts:GetWeb)/.test(JSON.stringify(policy)));
  expect(granting.map(([id]) => id.replace(/DefaultPolicy.*$/, '')).sort()).toEqual([
    'RefresherRefreshDueRole',
    'RefresherRefreshNowRole',
    'RefresherRotateSecretRole',
  ]);
  const others = [callers.reconcile, callers.scheduler, callers.operator, reader];
  for (const row of PROOFS) {
    expect(others.filter((caller) => isAllowed(caller, asCall(...row)))).toEqual([]);
    expect(isAllowed(callers['refresh-due'], asCall(...row))).toBe(true);
  }
  // Whoever may declare and not deploy gains nothing by it: a role asks for what a deployment granted.
  for (const row of NOBODY.filter(([action]) => /^(kms:Sign|sts:)/.test(action))) {
    for (const caller of Object.values(callers)) expect(isAllowed(caller, asCall(...row))).toBe(false);
  }
});

test('who may get every parameter of the account reads nothing that is secret', () => {
  const machine: Caller = {
    arn: `arn:aws:iam::${ACCOUNT}:role/machine`,
    accountId: ACCOUNT,
    statements: [{ Effect: 'Allow', Action: ['ssm:GetParameter', 'ssm:GetParameters'], Resource: '*' }],
  };
  const mayDecrypt = (keyId: string, arn: string, name: string) =>
    mayUseKey(machine, resolved.documentOf('AWS::KMS::Key', 'KeyPolicy', keyId), {
      action: 'kms:Decrypt',
      resource: arn,
      context: {
        'kms:CallerAccount': ACCOUNT,
        'kms:ViaService': `ssm.${REGION}.amazonaws.com`,
        'kms:EncryptionContext:PARAMETER_ARN': parameter(name),
      },
    });
  expect(isAllowed(machine, asCall('ssm:GetParameter', parameter('/evertoken/tokens/crm')))).toBe(true);
  expect(mayDecrypt('StorageKey', key, '/evertoken/tokens/crm')).toBe(false);
  expect(mayDecrypt('StorageRescueKey', rescueKey, '/evertoken/rescue/crm')).toBe(false);
  const others = [...everywhere(SECRET_VALUES, ALL_SECRETS), ...PROOFS, ...STATE];
  expect(others.filter((row) => isAllowed(machine, asCall(...row)))).toEqual([]);
  const functions = ['evertoken-refresh-due', 'evertoken-refresh-now'].map(fn);
  expect(functions.filter((arn) => isAllowed(machine, asCall('lambda:InvokeFunction', arn)))).toEqual([]);
});

test('where AWS manages the key, no role is granted any but those of secrets by ARN', () => {
  const { templates: aws } = synthesise({
    connections: { crm: { provider: 'kajabi', credentials: 'kajabi-main' } },
    context: { encryption: 'aws-managed' },
  });
  expect([...aws.values()].map((template) => JSON.stringify(template)).join()).not.toMatch(/"kms:|KmsKeyId/);
});

describe('what the functions call when they run', () => {
  const IAM_SERVICE = { secretsmanager: secret, ssm: parameter } as const;

  test('is allowed to the role that calls', { timeout: 30_000 }, async () => {
    await using deployment = await startDeployment();
    const { calls } = deployment.system.endpoint;
    const runs: [keyof typeof callers, () => Promise<unknown>][] = [
      ['reconcile', () => deployment.system.functions.reconcile()],
      ['refresh-due', () => deployment.tick()],
      ['refresh-now', () => deployment.refreshNow(['kajabi-demo', 'rotating-demo', 'slashid-demo'])],
    ];
    for (const [name, run] of runs) {
      deployment.clock.advance(3_600_000);
      calls.reset();
      await run();
      const made = calls.all
        // The consumer of local mode reads tokens while the functions run.
        .filter(
          ({ operation, resource }) => operation !== 'GetSecretValue' || !resource?.includes('/tokens/'),
        )
        .map(({ service, operation, resource = '' }): Call => {
          const context = { 'events:source': 'evertoken' };
          const action = `${service}:${operation}`;
          if (service === 'events') return { action, resource: bus, context };
          if (service === 'dynamodb') {
            const index = `${table}/index/${name === 'reconcile' ? 'watch' : 'due'}`;
            return { action, resource: operation === 'Query' ? index : table };
          }
          const arn = IAM_SERVICE[service as keyof typeof IAM_SERVICE];
          return { action, resource: arn(resource) };
        });
      expect(made.length, name).toBeGreaterThan(1);
      expect(
        made.filter((call) => !isAllowed(callers[name], call)),
        name,
      ).toEqual([]);
    }
  });
});

test('the storage stack grants nobody but readers of its key anything', () => {
  expect(Object.values(storage.Resources).filter(({ Type }) => Type.startsWith('AWS::IAM::'))).toEqual([]);
});

test('whoever may invoke the functions of the status widget reads no secret by it, and changes nothing by the first', () => {
  const { 'status-widget': looking, 'status-action': acting } = callers;
  const actionsOf = ({ statements }: Caller) =>
    statements.flatMap(({ Action }) => Action).filter((action) => !/^(kms|logs):/.test(action));
  expect(actionsOf(looking).sort()).toEqual(['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Scan']);
  expect(
    actionsOf(acting)
      .filter((action) => !actionsOf(looking).includes(action))
      .sort(),
  ).toEqual(['dynamodb:UpdateItem', 'lambda:InvokeFunction']);
  // The key serves them for the table alone.
  for (const { Action, Condition } of [looking, acting].flatMap(({ statements }) => statements)) {
    if (!JSON.stringify(Action).includes('kms:')) continue;
    expect(Condition).toEqual({ StringEquals: { 'kms:ViaService': `dynamodb.${REGION}.amazonaws.com` } });
  }
});
