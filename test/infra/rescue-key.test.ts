import { describe, expect, test } from 'vitest';
import { functionRoleName } from '../../functions/aws/resource-names.ts';
import { type Caller, isAllowed, mayUseKey, type Statement } from '../../local/iam/policy-evaluator.ts';
import { keyLostWithout } from '../local/iam/support/without-statement.ts';
import { ACCOUNT, REGION, ResolvedTemplates } from '../support/resolved-template.ts';
import { resourceOf, resourcesOf, synthesise } from '../support/synthesised.ts';

const CRM = { provider: 'kajabi', credentials: 'kajabi-main', consoleRotate: true };
const { storage, refresh, templates } = synthesise({ connections: { crm: CRM } });
const resolved = new ResolvedTemplates(templates.values());
const key = resolved.arnOf('StorageRescueKey', 'AWS::KMS::Key');
const policy = resolved.documentOf('AWS::KMS::Key', 'KeyPolicy', 'StorageRescueKey');

const role = (prefix: string): Caller => ({
  arn: resolved.arnOf(prefix, 'AWS::IAM::Role'),
  accountId: ACCOUNT,
  statements: resolved.statementsOf(prefix),
});
const callers = {
  'refresh-due': role('RefresherRefreshDueRole'),
  'refresh-now': role('RefresherRefreshNowRole'),
  'rotate-secret': role('RefresherRotateSecretRole'),
  reconcile: role('RefresherReconcileRole'),
  scheduler: role('RefresherSchedulesRole'),
  operator: {
    arn: `arn:aws:iam::${ACCOUNT}:user/operator`,
    accountId: ACCOUNT,
    statements: resolved.documentOf('AWS::IAM::ManagedPolicy', 'PolicyDocument'),
  },
} satisfies Record<string, Caller>;

const EVERYTHING: Statement = { Effect: 'Allow', Action: '*', Resource: '*' };
const almighty = ({ arn, accountId }: Caller): Caller => ({ arn, accountId, statements: [EVERYTHING] });
const iamRole = (name: string, accountId = ACCOUNT): Caller =>
  almighty({ arn: `arn:aws:iam::${accountId}:role/${name}`, accountId, statements: [] });
const administrator = iamRole('administrator');

type Context = Readonly<Record<string, string>>;
const parameter = (name: string) => `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter${name}`;
const RESCUE: Context = {
  'kms:CallerAccount': ACCOUNT,
  'kms:ViaService': `ssm.${REGION}.amazonaws.com`,
  'kms:EncryptionContext:PARAMETER_ARN': parameter('/evertoken/rescue/books/acme'),
};
const but = (over: Context): Context => ({ ...RESCUE, ...over });
const without = (name: string): Context =>
  Object.fromEntries(Object.entries(RESCUE).filter(([one]) => one !== name));

const [DECRYPT, ENCRYPT, DATA_KEY] = ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'] as const;
const due = callers['refresh-due'];

/** Who, what they do, in which request, and whether they may. */
const ROWS: readonly (readonly [string, Caller, string, Context, boolean])[] = [
  ...(['refresh-due', 'refresh-now', 'rotate-secret'] as const).flatMap((name) =>
    [ENCRYPT, DATA_KEY, DECRYPT].map(
      (action) => [`${name}, a rescue: ${action}`, callers[name], action, RESCUE, true] as const,
    ),
  ),
  ['refresh-due, directly', due, DECRYPT, without('kms:ViaService'), false],
  ['refresh-due, without a parameter', due, DECRYPT, without('kms:EncryptionContext:PARAMETER_ARN'), false],
  [
    'refresh-due, through Secrets Manager',
    due,
    DECRYPT,
    but({ 'kms:ViaService': `secretsmanager.${REGION}.amazonaws.com` }),
    false,
  ],
  [
    'refresh-due, a parameter of others',
    due,
    DECRYPT,
    but({ 'kms:EncryptionContext:PARAMETER_ARN': parameter('/evertoken/connections/crm') }),
    false,
  ],
  [
    'refresh-due, a rescue of another namespace',
    due,
    DECRYPT,
    but({ 'kms:EncryptionContext:PARAMETER_ARN': parameter('/payments/rescue/crm') }),
    false,
  ],
  ['refresh-due, a grant', due, 'kms:CreateGrant', RESCUE, false],
  ['reconcile', callers.reconcile, DECRYPT, RESCUE, false],
  ['reconcile that may do everything by IAM', almighty(callers.reconcile), DECRYPT, RESCUE, false],
  ['the scheduler', callers.scheduler, DECRYPT, RESCUE, false],
  ['an operator', callers.operator, DECRYPT, RESCUE, false],
  ['an operator, writing', callers.operator, ENCRYPT, RESCUE, false],
  ['an administrator', administrator, DECRYPT, RESCUE, false],
  ['an administrator, writing', administrator, ENCRYPT, RESCUE, false],
  ['an administrator, directly', administrator, DECRYPT, {}, false],
  ['an administrator, a grant', administrator, 'kms:CreateGrant', RESCUE, false],
  ['an administrator, its policy', administrator, 'kms:PutKeyPolicy', {}, true],
  ['an administrator, its deletion', administrator, 'kms:ScheduleKeyDeletion', {}, true],
  [
    'a role that only may read parameters',
    {
      ...administrator,
      statements: [{ Effect: 'Allow', Action: 'ssm:GetParameter', Resource: '*' }],
    },
    DECRYPT,
    RESCUE,
    false,
  ],
  [
    'a role of the same name under another path',
    iamRole(`team/evertoken-refresh-due-${REGION}`),
    DECRYPT,
    RESCUE,
    false,
  ],
  [
    'a role of the same name in another Region',
    iamRole('evertoken-refresh-due-eu-west-1'),
    DECRYPT,
    RESCUE,
    false,
  ],
  ['a role of a longer name', iamRole(`evertoken-refresh-due-${REGION}-2`), DECRYPT, RESCUE, false],
  ['the refresher of another namespace', iamRole(`payments-refresh-due-${REGION}`), DECRYPT, RESCUE, false],
  [
    'a user with the name of the role',
    almighty({ ...due, arn: `arn:aws:iam::${ACCOUNT}:user/evertoken-refresh-due-${REGION}` }),
    DECRYPT,
    RESCUE,
    false,
  ],
  [
    'the role of another account',
    iamRole(`evertoken-refresh-due-${REGION}`, '999999999999'),
    DECRYPT,
    but({ 'kms:CallerAccount': '999999999999' }),
    false,
  ],
  ['the role without its own permission', { ...due, statements: [] }, DECRYPT, RESCUE, false],
];

describe('the key of rescues', () => {
  test.each(ROWS)('%s', (_, caller, action, context, allowed) => {
    expect(mayUseKey(caller, policy, { action, resource: key, context })).toBe(allowed);
  });

  test.each(policy.map((statement) => [statement.Sid, statement] as const))(
    'could not do all that it must without its statement %s',
    (_, statement) => {
      expect(keyLostWithout(statement, { policy, key, rows: ROWS })).not.toEqual([]);
    },
  );

  /** What only one condition stands against, were the same not said in the policies of the roles as well. */
  const BY_ONE_CONDITION: Readonly<Record<string, { caller: Caller; context: Context }>> = {
    'kms:CallerAccount': {
      caller: iamRole(`evertoken-refresh-due-${REGION}`),
      context: but({ 'kms:CallerAccount': '999999999999' }),
    },
    'kms:ViaService': {
      caller: iamRole(`evertoken-refresh-due-${REGION}`),
      context: without('kms:ViaService'),
    },
    'kms:EncryptionContext:PARAMETER_ARN': {
      caller: iamRole(`evertoken-refresh-due-${REGION}`),
      context: but({ 'kms:EncryptionContext:PARAMETER_ARN': parameter('/other') }),
    },
    'aws:PrincipalArn': { caller: administrator, context: RESCUE },
  };
  const use = policy.find(({ Sid }) => Sid === 'RescuesByTheRefresher');
  const conditions = Object.entries(use?.Condition ?? {}).flatMap(([operator, keys]) =>
    Object.keys(keys).map((name) => [name, operator] as const),
  );

  test('has conditions to look at', () => {
    expect(conditions.map(([name]) => name).sort()).toEqual(Object.keys(BY_ONE_CONDITION).sort());
  });

  test.each(conditions)('would open to somebody without the condition %s', (name, operator) => {
    const { [name]: _taken, ...others } = use?.Condition?.[operator] ?? {};
    const open = { ...use, Condition: { ...use?.Condition, [operator]: others } } as Statement;
    const { caller = due, context = {} } = BY_ONE_CONDITION[name] ?? {};
    const call = { action: DECRYPT, resource: key, context };
    expect(mayUseKey(caller, policy, call)).toBe(false);
    expect(mayUseKey(caller, [open], call)).toBe(true);
  });
});

test('the roles that may use the key are those of the functions that exchange refresh tokens, by name', () => {
  const named = policy.flatMap(({ Condition }) => Condition?.['ArnEquals']?.['aws:PrincipalArn'] ?? []);
  const exchanging = Object.values(callers).filter((caller) =>
    isAllowed(caller, { action: 'ssm:PutParameter', resource: parameter('/evertoken/rescue/crm') }),
  );
  expect(named.length).toBe(3);
  expect([...named].sort()).toEqual(exchanging.map(({ arn }) => arn).sort());
});

test('the name of a role fits, also where all parts of it are as long as can be', () => {
  const handlers = Object.values(resourcesOf(refresh, 'AWS::Lambda::Function')).map(({ Properties }) =>
    String(Properties['FunctionName']).replace('evertoken-', ''),
  );
  expect(handlers).toContain('rotate-secret');
  for (const handler of handlers) {
    // No Region has a longer name than ap-southeast-1 or eu-isoe-west-1.
    expect(functionRoleName('n'.repeat(32), handler, 'ap-southeast-1').length).toBeLessThanOrEqual(64);
  }
});

describe('a rescue', () => {
  test('has a key that is kept, renewed every year and easy to find', () => {
    const found = resourceOf(storage, 'AWS::KMS::Key', 'StorageRescueKey');
    expect(found).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(found.Properties).toMatchObject({ EnableKeyRotation: true });
    expect(resourceOf(storage, 'AWS::KMS::Alias', 'StorageRescueKey').Properties).toMatchObject({
      AliasName: 'alias/evertoken-rescue',
    });
  });

  test('has no part in the key of secrets, which Parameter Store uses for tokens alone', () => {
    const ofSecrets = resolved.documentOf('AWS::KMS::Key', 'KeyPolicy', 'StorageKey');
    const forParameters = ofSecrets.filter((statement) => /ssm\./.test(JSON.stringify(statement)));
    expect(forParameters.map(({ Condition }) => Condition?.['StringLike'])).toEqual([
      { 'kms:EncryptionContext:PARAMETER_ARN': parameter('/evertoken/tokens/*') },
    ]);
    const secretsKey = resolved.arnOf('StorageKey', 'AWS::KMS::Key');
    for (const caller of [...Object.values(callers), administrator]) {
      const call = { action: DECRYPT, resource: secretsKey, context: RESCUE };
      expect(mayUseKey(caller, ofSecrets, call)).toBe(false);
    }
  });
});
