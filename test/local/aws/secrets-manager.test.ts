import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  RotateSecretCommand,
  type RotateSecretCommandInput,
  type SecretsManagerClient,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { canarySecret } from '../../support/canary.ts';
import { DAY_MS, type RunningEndpoint, runningEndpoint, START, token } from './support/running-endpoint.ts';

const NAME = 'evertoken/tokens/crm';
const VALUE = canarySecret('first');

function put(client: SecretsManagerClient, id: string, value: string, stages?: string[]) {
  return client.send(
    new PutSecretValueCommand({
      SecretId: NAME,
      ClientRequestToken: token(id),
      SecretString: value,
      ...(stages ? { VersionStages: stages } : {}),
    }),
  );
}

function get(client: SecretsManagerClient, which: { VersionId?: string; VersionStage?: string } = {}) {
  return client.send(new GetSecretValueCommand({ SecretId: NAME, ...which }));
}

async function stages(client: SecretsManagerClient) {
  const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId: NAME }));
  return Object.fromEntries(
    Object.entries(VersionIdsToStages).map(([id, labels]) => [id, [...labels].sort()]),
  );
}

async function withEmptySecret(options = {}) {
  const running = await runningEndpoint(options);
  const { ARN = '' } = await running.secrets.send(new CreateSecretCommand({ Name: NAME }));
  return { ...running, arn: ARN };
}

describe('CreateSecret', () => {
  it('refuses a name that is taken', async () => {
    const { secrets } = await withEmptySecret();
    await expect(
      secrets.send(new CreateSecretCommand({ Name: NAME, SecretString: VALUE })),
    ).rejects.toMatchObject({
      name: 'ResourceExistsException',
      message: `The operation failed because the secret ${NAME} already exists.`,
    });
  });

  it('refuses a name with other characters', async () => {
    const { secrets } = await runningEndpoint();
    await expect(secrets.send(new CreateSecretCommand({ Name: 'a b' }))).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('Invalid name.'),
    });
  });

  it('refuses a name that is scheduled for deletion', async () => {
    const { secrets } = await withEmptySecret();
    await secrets.send(new DeleteSecretCommand({ SecretId: NAME }));
    await expect(secrets.send(new CreateSecretCommand({ Name: NAME }))).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: expect.stringContaining('already scheduled for deletion'),
    });
  });

  it('creates with a value that is current, and again with the same token as a no-op', async () => {
    const { secrets } = await runningEndpoint();
    const create = new CreateSecretCommand({
      Name: NAME,
      SecretString: VALUE,
      ClientRequestToken: token('1'),
    });
    const first = await secrets.send(create);
    expect(first).toMatchObject({ Name: NAME, VersionId: token('1') });
    expect(first.ARN).toMatch(
      /^arn:aws:secretsmanager:us-east-1:000000000000:secret:evertoken\/tokens\/crm-[A-Za-z0-9]{6}$/,
    );
    expect(await secrets.send(create)).toMatchObject({ ARN: first.ARN, VersionId: token('1') });
    expect(await get(secrets)).toMatchObject({
      SecretString: VALUE,
      VersionStages: ['AWSCURRENT'],
      CreatedDate: new Date(START),
    });
  });

  it('creates empty, without a version', async () => {
    const { secrets, arn } = await withEmptySecret();
    const described = await secrets.send(new DescribeSecretCommand({ SecretId: arn }));
    expect(described).toMatchObject({ ARN: arn, Name: NAME, CreatedDate: new Date(START) });
    expect(described.VersionIdsToStages).toBeUndefined();
  });

  it('keeps description, key and tags', async () => {
    const { secrets } = await runningEndpoint();
    const Tags = [{ Key: 'evertoken', Value: 'yes' }];
    await secrets.send(new CreateSecretCommand({ Name: NAME, Description: 'd', KmsKeyId: 'alias/k', Tags }));
    expect(await secrets.send(new DescribeSecretCommand({ SecretId: NAME }))).toMatchObject({
      Description: 'd',
      KmsKeyId: 'alias/k',
      Tags,
    });
  });
});

describe('GetSecretValue', () => {
  it('does not find a secret that is not there', async () => {
    const { secrets } = await runningEndpoint();
    await expect(get(secrets)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret.",
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('finds no value in an empty secret', async () => {
    const { secrets } = await withEmptySecret();
    await expect(get(secrets)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    });
  });

  it('does not find an unknown version, and refuses a label that sits elsewhere', async () => {
    const { secrets } = await withEmptySecret();
    await put(secrets, '1', VALUE);
    await expect(get(secrets, { VersionId: token('9') })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Secrets Manager can't find the specified secret value for VersionId: ${token('9')}`,
    });
    await expect(get(secrets, { VersionId: token('1'), VersionStage: 'AWSPREVIOUS' })).rejects.toMatchObject({
      name: 'InvalidRequestException',
    });
  });

  it('refuses a secret that is marked for deletion, which DescribeSecret still shows', async () => {
    const { secrets } = await withEmptySecret();
    await put(secrets, '1', VALUE);
    await secrets.send(new DeleteSecretCommand({ SecretId: NAME, RecoveryWindowInDays: 7 }));
    await expect(get(secrets)).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: expect.stringContaining('marked for deletion'),
    });
    const described = await secrets.send(new DescribeSecretCommand({ SecretId: NAME }));
    expect(described.DeletedDate).toEqual(new Date(START));
  });

  it('reads a secret again that was restored', async () => {
    const { secrets } = await withEmptySecret();
    await put(secrets, '1', VALUE);
    await secrets.send(new DeleteSecretCommand({ SecretId: NAME }));
    await secrets.send(new RestoreSecretCommand({ SecretId: NAME }));
    expect((await get(secrets)).SecretString).toBe(VALUE);
  });

  it('reads by name, ARN, ARN without suffix, version and label', async () => {
    const { secrets, arn } = await withEmptySecret();
    const SecretBinary = Buffer.from(canarySecret('binary'));
    await put(secrets, '1', VALUE);
    await secrets.send(
      new PutSecretValueCommand({ SecretId: arn, ClientRequestToken: token('2'), SecretBinary }),
    );
    for (const SecretId of [NAME, arn, arn.slice(0, -7)]) {
      const read = await secrets.send(new GetSecretValueCommand({ SecretId }));
      expect(Buffer.from(read.SecretBinary ?? []).equals(SecretBinary)).toBe(true);
    }
    expect((await get(secrets, { VersionId: token('1') })).SecretString).toBe(VALUE);
    expect((await get(secrets, { VersionStage: 'AWSPREVIOUS' })).VersionId).toBe(token('1'));
  });
});

describe('PutSecretValue', () => {
  it.each([31, 65])('refuses a token of %i characters', async (length) => {
    const { secrets } = await withEmptySecret();
    const request = { SecretId: NAME, SecretString: VALUE, ClientRequestToken: '1'.repeat(length) };
    await expect(secrets.send(new PutSecretValueCommand(request))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'ClientRequestToken must be 32-64 characters long.',
    });
  });

  it('refuses a used token with other content, and takes the same content as nothing new', async () => {
    const { secrets } = await withEmptySecret();
    await put(secrets, '1', VALUE);
    await put(secrets, '2', canarySecret('second'));
    await expect(put(secrets, '1', canarySecret('third'))).rejects.toMatchObject({
      name: 'ResourceExistsException',
    });
    // The answer tells where the version stands now: it is not current any more.
    expect(await put(secrets, '1', VALUE)).toMatchObject({
      VersionId: token('1'),
      VersionStages: ['AWSPREVIOUS'],
    });
    expect(await stages(secrets)).toEqual({ [token('1')]: ['AWSPREVIOUS'], [token('2')]: ['AWSCURRENT'] });
  });

  it('refuses no value, and two', async () => {
    const { secrets } = await withEmptySecret();
    const SecretId = NAME;
    await expect(secrets.send(new PutSecretValueCommand({ SecretId }))).rejects.toMatchObject({
      name: 'InvalidRequestException',
    });
    const both = { SecretId, SecretString: VALUE, SecretBinary: Buffer.from(VALUE) };
    await expect(secrets.send(new PutSecretValueCommand(both))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });

  it('refuses more than 65,536 bytes, counted in bytes, and does not repeat the value', async () => {
    const { secrets } = await withEmptySecret();
    await put(secrets, '1', `${VALUE.padEnd(65_534, 'x')}ä`);
    // 65,536 characters, one byte too many.
    const refused = await put(secrets, '2', `${VALUE.padEnd(65_535, 'x')}ä`).catch((error: Error) => error);
    expect(refused).toMatchObject({ name: 'ValidationException' });
    expect(String(refused)).not.toContain(VALUE);
  });

  it('refuses to write to a secret that is absent or marked for deletion', async () => {
    const { secrets } = await runningEndpoint();
    await expect(put(secrets, '1', VALUE)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await secrets.send(new CreateSecretCommand({ Name: NAME }));
    await secrets.send(new DeleteSecretCommand({ SecretId: NAME }));
    await expect(put(secrets, '1', VALUE)).rejects.toMatchObject({ name: 'InvalidRequestException' });
  });

  it('makes up a version id where none is sent', async () => {
    const { endpoint } = await withEmptySecret();
    // The SDK always sends one; the AWS API does not ask for it.
    const response = await fetch(endpoint.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'secretsmanager.PutSecretValue',
        authorization: 'AWS4-HMAC-SHA256 Credential=a/20260301/us-east-1/secretsmanager/aws4_request',
      },
      body: JSON.stringify({ SecretId: NAME, SecretString: VALUE }),
    });
    expect(await response.json()).toMatchObject({ VersionId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  });

  it('moves AWSCURRENT, and AWSPREVIOUS to where it was', async () => {
    const { secrets } = await withEmptySecret();
    await put(secrets, '1', VALUE);
    await put(secrets, '2', VALUE);
    const third = await put(secrets, '3', VALUE);
    expect(third.VersionStages).toEqual(['AWSCURRENT']);
    expect(await stages(secrets)).toEqual({ [token('2')]: ['AWSPREVIOUS'], [token('3')]: ['AWSCURRENT'] });
  });

  it('moves only the labels that are named, except that a first version is always current', async () => {
    const { secrets } = await withEmptySecret();
    await put(secrets, '1', VALUE, ['AWSPENDING']);
    await put(secrets, '2', VALUE, ['AWSPENDING']);
    expect(await stages(secrets)).toEqual({ [token('1')]: ['AWSCURRENT'], [token('2')]: ['AWSPENDING'] });
    await put(secrets, '3', VALUE, ['AWSCURRENT', 'AWSPENDING']);
    expect(await stages(secrets)).toEqual({
      [token('1')]: ['AWSPREVIOUS'],
      [token('3')]: ['AWSCURRENT', 'AWSPENDING'],
    });
  });

  it('refuses a twenty-first label', async () => {
    const { secrets } = await withEmptySecret();
    const labels = Array.from({ length: 19 }, (_, index) => `label-${index}`);
    // With AWSCURRENT, which a first version always takes, these are 20.
    await put(secrets, '1', VALUE, labels);
    await expect(put(secrets, '2', VALUE, ['one-more'])).rejects.toMatchObject({
      name: 'LimitExceededException',
    });
    await put(secrets, '2', VALUE, ['label-3']);
  });
});

describe('the quota of versions', () => {
  it('refuses a hundred and first version younger than a version day', async () => {
    const { secrets, clock } = await withEmptySecret({ versionDayMs: 1000 });
    for (let index = 0; index < 100; index++) await put(secrets, `${index}`, VALUE);
    clock.advance(999);
    await expect(put(secrets, '100', VALUE)).rejects.toMatchObject({ name: 'LimitExceededException' });
    // Repeating a version writes nothing, so it is not refused.
    await put(secrets, '99', VALUE);
    clock.advance(1);
    await put(secrets, '100', VALUE);
  });

  it('drops the oldest unlabelled versions beyond a hundred, and no labelled one', async () => {
    const { secrets, clock } = await withEmptySecret({ versionDayMs: 1000 });
    await put(secrets, '0', VALUE, ['kept']);
    for (let index = 1; index <= 101; index++) {
      clock.advance(1000);
      await put(secrets, `${index}`, VALUE);
    }
    await expect(get(secrets, { VersionId: token('1') })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await get(secrets, { VersionId: token('3') });
    await get(secrets, { VersionStage: 'kept' });
    const shown = await secrets.send(
      new ListSecretVersionIdsCommand({ SecretId: NAME, IncludeDeprecated: true, MaxResults: 60 }),
    );
    const rest = await secrets.send(
      new ListSecretVersionIdsCommand({
        SecretId: NAME,
        IncludeDeprecated: true,
        MaxResults: 60,
        NextToken: shown.NextToken,
      }),
    );
    expect([...(shown.Versions ?? []), ...(rest.Versions ?? [])]).toHaveLength(100);
    expect(rest.NextToken).toBeUndefined();
    const labelled = await secrets.send(new ListSecretVersionIdsCommand({ SecretId: NAME }));
    expect(labelled.Versions?.map(({ VersionId }) => VersionId)).toEqual([
      token('0'),
      token('100'),
      token('101'),
    ]);
  });

  it('gives a dropped token back', async () => {
    const { secrets, clock } = await withEmptySecret({ versionDayMs: 1000 });
    for (let index = 0; index <= 101; index++) {
      clock.advance(1000);
      await put(secrets, `${index}`, VALUE);
    }
    await put(secrets, '0', canarySecret('other'));
    expect((await get(secrets)).VersionId).toBe(token('0'));
  });
});

describe('UpdateSecretVersionStage', () => {
  const move = (client: SecretsManagerClient, VersionStage: string, from?: string, to?: string) =>
    client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: NAME,
        VersionStage,
        ...(from ? { RemoveFromVersionId: token(from) } : {}),
        ...(to ? { MoveToVersionId: token(to) } : {}),
      }),
    );

  it('refuses to move a label without naming where it sits, or naming it wrongly', async () => {
    const { secrets } = await withEmptySecret();
    await put(secrets, '1', VALUE);
    await put(secrets, '2', VALUE);
    await put(secrets, '3', VALUE);
    const refusal = { name: 'InvalidParameterException' };
    await expect(move(secrets, 'AWSCURRENT', undefined, '1')).rejects.toMatchObject({
      ...refusal,
      message: expect.stringContaining(`currently attached to version ${token('3')}`),
    });
    await expect(move(secrets, 'AWSCURRENT', '2', '1')).rejects.toMatchObject(refusal);
    await expect(move(secrets, 'AWSCURRENT', '3', '9')).rejects.toMatchObject(refusal);
    await expect(move(secrets, 'AWSCURRENT', '3')).rejects.toMatchObject(refusal);
    await expect(move(secrets, 'AWSCURRENT')).rejects.toMatchObject(refusal);
  });

  it('moves AWSCURRENT with AWSPREVIOUS after it, and takes other labels away', async () => {
    const { secrets } = await withEmptySecret();
    await put(secrets, '1', VALUE);
    await put(secrets, '2', VALUE);
    await move(secrets, 'AWSCURRENT', '2', '1');
    expect(await stages(secrets)).toEqual({ [token('1')]: ['AWSCURRENT'], [token('2')]: ['AWSPREVIOUS'] });
    await put(secrets, '3', VALUE, ['AWSPENDING']);
    await move(secrets, 'AWSPENDING', '3');
    expect(await stages(secrets)).not.toHaveProperty(token('3'));
    await move(secrets, 'fresh', undefined, '3');
    expect(await stages(secrets)).toMatchObject({ [token('3')]: ['fresh'] });
  });
});

describe('DeleteSecret', () => {
  it('refuses windows outside 7 to 30 days, and a window with force', async () => {
    const { secrets } = await withEmptySecret();
    for (const options of [
      { RecoveryWindowInDays: 6 },
      { RecoveryWindowInDays: 31 },
      { RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true },
    ]) {
      await expect(
        secrets.send(new DeleteSecretCommand({ SecretId: NAME, ...options })),
      ).rejects.toMatchObject({
        name: 'InvalidParameterException',
      });
    }
  });

  it('keeps the name taken until the window has passed', async () => {
    const { secrets, clock, arn } = await withEmptySecret();
    const deleted = await secrets.send(new DeleteSecretCommand({ SecretId: NAME, RecoveryWindowInDays: 7 }));
    expect(deleted).toMatchObject({ ARN: arn, Name: NAME, DeletionDate: new Date(START + 7 * DAY_MS) });
    clock.advance(7 * DAY_MS - 1);
    await expect(secrets.send(new CreateSecretCommand({ Name: NAME }))).rejects.toThrow();
    clock.advance(1);
    const again = await secrets.send(new CreateSecretCommand({ Name: NAME }));
    expect(again.ARN).not.toBe(arn);
    await expect(secrets.send(new DescribeSecretCommand({ SecretId: arn }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('deletes at once by force, also what is not there', async () => {
    const { secrets } = await withEmptySecret();
    const force = new DeleteSecretCommand({ SecretId: NAME, ForceDeleteWithoutRecovery: true });
    await secrets.send(force);
    await expect(get(secrets)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect(await secrets.send(force)).toMatchObject({ Name: NAME });
    await expect(secrets.send(new DeleteSecretCommand({ SecretId: NAME }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});

describe('lists', () => {
  it('refuses a made-up token and too large a page', async () => {
    const { secrets } = await runningEndpoint();
    await expect(secrets.send(new ListSecretsCommand({ NextToken: 'made-up' }))).rejects.toMatchObject({
      name: 'InvalidNextTokenException',
    });
    await expect(secrets.send(new ListSecretsCommand({ MaxResults: 101 }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('pages by name prefix, newest first unless told otherwise, and hides what is marked for deletion', async () => {
    const { secrets, clock } = await runningEndpoint();
    for (const Name of ['a/1', 'a/2', 'b/1', 'a/3', 'a/4']) {
      await secrets.send(new CreateSecretCommand({ Name }));
      clock.advance(1000);
    }
    await secrets.send(new DeleteSecretCommand({ SecretId: 'a/4' }));
    const list = async (options: object) => {
      const Filters = [{ Key: 'name' as const, Values: ['a/'] }];
      const answer = await secrets.send(new ListSecretsCommand({ Filters, MaxResults: 2, ...options }));
      return { names: answer.SecretList?.map(({ Name }) => Name), NextToken: answer.NextToken };
    };
    const first = await list({});
    expect(first.names).toEqual(['a/3', 'a/2']);
    expect(await list({ NextToken: first.NextToken })).toEqual({ names: ['a/1'], NextToken: undefined });
    expect((await list({ SortOrder: 'asc' })).names).toEqual(['a/1', 'a/2']);
    expect((await list({ IncludePlannedDeletion: true, MaxResults: 9 })).names).toContain('a/4');
  });
});

describe('rotation', () => {
  const ROTATE = 'rotate';

  /** A secret with a token, and a function that notes its events and does what `act` says. */
  async function rotatable(act: (event: Record<string, string>, running: RunningEndpoint) => unknown) {
    const running = await runningEndpoint();
    const { endpoint, secrets } = running;
    const first = token('first');
    await secrets.send(
      new CreateSecretCommand({ Name: NAME, SecretString: VALUE, ClientRequestToken: first }),
    );
    const steps: string[] = [];
    endpoint.functions.set(ROTATE, async (event: Record<string, string>) => {
      steps.push(event['Step'] ?? '');
      await act(event, running);
    });
    const rotate = async (input: Partial<RotateSecretCommandInput> = {}) => {
      const RotationLambdaARN = endpoint.functions.arnOf(ROTATE);
      const answer = await secrets.send(
        new RotateSecretCommand({ SecretId: NAME, RotationLambdaARN, ...input }),
      );
      await endpoint.idle();
      return answer;
    };
    const describeIt = () => secrets.send(new DescribeSecretCommand({ SecretId: NAME }));
    return { ...running, first, steps, rotate, describeIt };
  }

  const publish =
    (stages: string[]) =>
    (event: Record<string, string>, { secrets }: RunningEndpoint) =>
      event['Step'] === 'createSecret' &&
      secrets.send(
        new PutSecretValueCommand({
          SecretId: event['SecretId'],
          ClientRequestToken: event['ClientRequestToken'],
          SecretString: canarySecret('rotated'),
          VersionStages: stages,
        }),
      );

  it('refuses a secret without a function, and a function that is not there', async () => {
    const { secrets, endpoint } = await withEmptySecret();
    const rotate = (RotationLambdaARN?: string) =>
      secrets.send(new RotateSecretCommand({ SecretId: NAME, RotationLambdaARN }));
    await expect(rotate()).rejects.toMatchObject({ name: 'InvalidRequestException' });
    await expect(rotate(endpoint.functions.arnOf('absent'))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    expect((await secrets.send(new DescribeSecretCommand({ SecretId: NAME }))).RotationEnabled).toBe(
      undefined,
    );
  });

  it('reserves a version without a value, and runs the four steps until one fails', async () => {
    const { secrets, first, steps, rotate, describeIt } = await rotatable(({ Step }) => {
      if (Step === 'testSecret') throw new Error('no');
    });
    const { VersionId = '' } = await rotate();
    expect(steps).toEqual(['createSecret', 'setSecret', 'testSecret']);
    expect((await describeIt()).VersionIdsToStages).toEqual({
      [first]: ['AWSCURRENT'],
      [VersionId]: ['AWSPENDING'],
    });
    for (const which of [{ VersionId }, { VersionStage: 'AWSPENDING' }]) {
      await expect(
        secrets.send(new GetSecretValueCommand({ SecretId: NAME, ...which })),
      ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    }
    const { RotationEnabled, LastRotatedDate } = await describeIt();
    expect({ RotationEnabled, LastRotatedDate }).toEqual({
      RotationEnabled: true,
      LastRotatedDate: undefined,
    });
  });

  it('refuses another while AWSPENDING is not on the current version', async () => {
    const { rotate, steps } = await rotatable(publish(['AWSPENDING']));
    const { VersionId } = await rotate();
    await expect(rotate()).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: "A previous rotation isn't complete. That rotation will be reattempted.",
    });
    // The SDK repeats a call whose answer it lost.
    expect((await rotate({ ClientRequestToken: VersionId })).VersionId).toBe(VersionId);
    expect(steps).toHaveLength(4);
  });

  it('takes the value of the reserved version, says when it rotated, and can be repeated', async () => {
    const { clock, first, rotate, describeIt } = await rotatable(publish(['AWSCURRENT', 'AWSPENDING']));
    const { VersionId = '' } = await rotate({ ClientRequestToken: token('rotated') });
    expect(VersionId).toBe(token('rotated'));
    expect(await describeIt()).toMatchObject({
      VersionIdsToStages: { [VersionId]: ['AWSPENDING', 'AWSCURRENT'], [first]: ['AWSPREVIOUS'] },
      LastRotatedDate: new Date(clock.now()),
    });
    await rotate();
  });

  it('is only tested when it is set up without rotating', async () => {
    const { first, steps, rotate, describeIt } = await rotatable(() => undefined);
    await rotate({ RotateImmediately: false });
    expect(steps).toEqual(['testSecret']);
    expect((await describeIt()).VersionIdsToStages).toEqual({ [first]: ['AWSCURRENT'] });
  });
});

describe('what is not served', () => {
  it('refuses other operations and members by name', async () => {
    const { secrets } = await withEmptySecret();
    await expect(secrets.send(new UpdateSecretCommand({ SecretId: NAME }))).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: 'This local endpoint does not serve the operation UpdateSecret of secretsmanager.',
    });
    const replicated = new CreateSecretCommand({ Name: 'x', AddReplicaRegions: [{ Region: 'eu-west-1' }] });
    await expect(secrets.send(replicated)).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('AddReplicaRegions'),
    });
  });
});
