import { Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, test } from 'vitest';
import { Connection, TokenStorage } from '../../infra/index.ts';
import { type Caller, isAllowed, mayUseKey } from '../../local/iam/policy-evaluator.ts';
import { ACCOUNT, REGION, ResolvedTemplates, SECRET_SUFFIX } from '../support/resolved-template.ts';
import { createApp, templatesOf } from '../support/synthesised.ts';

const app = createApp();
const stack = new Stack(app, 'app');
const storage = new TokenStorage(stack, 'Storage');
const IDP = { tokenUrl: 'https://idp.example.com/token', credentials: 'idp' };
const crm = new Connection(stack, 'Crm', { storage, connectionName: 'crm', ...IDP });
const books = Connection.fromConnectionName(stack, 'Books', 'books/acme');
const newRole = (id: string) =>
  new Role(stack, id, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
crm.grantRead(newRole('ReaderOfCrm'));
books.grantRead(newRole('ReaderOfBooks'));

const resolved = new ResolvedTemplates(templatesOf(app).values());
const key = resolved.arnOf('StorageKey', 'AWS::KMS::Key');
const keyPolicy = resolved.documentOf('AWS::KMS::Key', 'KeyPolicy', 'StorageKey');
const secret = (name: string) => `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${name}${SECRET_SUFFIX}`;
const parameter = (name: string) => `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter${name}`;

/** One thing that a reader does: a call, or the use of the key that a service makes of it. */
type Row = readonly [what: string, may: (caller: Caller) => boolean];

const call = (action: string, resource: string): Row => [
  `${action} on ${resource.split(':').slice(5).join(':')}`,
  (caller) => isAllowed(caller, { action, resource }),
];
const use = (service: 'secretsmanager' | 'ssm', of: string, action = 'kms:Decrypt'): Row => [
  `${action} of ${of.split(':').slice(5).join(':')} through ${service}`,
  (caller) =>
    mayUseKey(caller, keyPolicy, {
      action,
      resource: key,
      context: {
        'kms:CallerAccount': ACCOUNT,
        'kms:ViaService': `${service}.${REGION}.amazonaws.com`,
        [`kms:EncryptionContext:${service === 'ssm' ? 'PARAMETER_ARN' : 'SecretARN'}`]: of,
      },
    }),
];

/** All that a reader of this token does, wherever it lies. */
const reading = (name: string): Row[] => [
  call('secretsmanager:GetSecretValue', secret(`evertoken/tokens/${name}`)),
  use('secretsmanager', secret(`evertoken/tokens/${name}`)),
  call('ssm:GetParameter', parameter(`/evertoken/tokens/${name}`)),
  use('ssm', parameter(`/evertoken/tokens/${name}`)),
];

const READERS = { ReaderOfCrm: 'crm', ReaderOfBooks: 'books/acme' };

describe.each(Object.entries(READERS))('%s', (id, name) => {
  const [other = ''] = Object.values(READERS).filter((one) => one !== name);
  const caller: Caller = {
    arn: resolved.arnOf(id, 'AWS::IAM::Role'),
    accountId: ACCOUNT,
    statements: resolved.statementsOf(id),
  };

  test.each(reading(name))('may %s', (_, may) => {
    expect(may(caller)).toBe(true);
  });

  test.each([
    call('secretsmanager:GetSecretValue', secret(`evertoken/tokens/${other}`)),
    call('secretsmanager:GetSecretValue', secret(`evertoken/tokens/${name}/2`)),
    call('secretsmanager:GetSecretValue', secret(`evertoken/refresh-tokens/${name}`)),
    call('secretsmanager:PutSecretValue', secret(`evertoken/tokens/${name}`)),
    call('ssm:GetParameter', parameter(`/evertoken/tokens/${other}`)),
    call('ssm:GetParameter', parameter(`/evertoken/tokens/${name}-2`)),
    call('ssm:GetParameter', parameter(`/evertoken/tokens/${name}/2`)),
    call('ssm:GetParameter', parameter(`/evertoken/rescue/${name}`)),
    call('ssm:GetParametersByPath', parameter('/evertoken/tokens')),
    call('ssm:GetParameterHistory', parameter(`/evertoken/tokens/${name}`)),
    call('ssm:PutParameter', parameter(`/evertoken/tokens/${name}`)),
    call('ssm:DeleteParameter', parameter(`/evertoken/tokens/${name}`)),
    use('ssm', parameter(`/evertoken/tokens/${other}`)),
    use('ssm', parameter(`/evertoken/tokens/${name}-2`)),
    use('ssm', parameter(`/evertoken/rescue/${name}`)),
    use('ssm', parameter(`/evertoken/tokens/${name}`), 'kms:Encrypt'),
    use('secretsmanager', parameter(`/evertoken/tokens/${name}`)),
    use('secretsmanager', secret(`evertoken/refresh-tokens/${name}`)),
  ])('may not %s', (_, may) => {
    expect(may(caller)).toBe(false);
  });

  const statements = caller.statements.map((statement) => [String(statement.Action), statement] as const);

  test.each(statements)('could not read both kinds of token without %s', (action, statement) => {
    const { accountId } = caller;
    const others = caller.statements.filter((one) => one !== statement);
    const stranger = { arn: caller.arn, accountId, statements: others };
    const lost = reading(name).filter(([, may]) => !may(stranger));
    // The key of secrets lets in by itself whoever may read the secret of a token; a parameter has to be granted.
    const isSpare = action === 'kms:Decrypt' && JSON.stringify(statement).includes('SecretARN');
    expect(lost.length > 0).toBe(!isSpare);
  });
});
