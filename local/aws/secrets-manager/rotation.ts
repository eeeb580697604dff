import { z } from 'zod';
import type { BackgroundWork } from '../background-work.ts';
import type { Identity } from '../caller-identity.ts';
import type { LocalFunctions } from '../function-registry.ts';
import { functionName } from '../lambda.ts';
import { AwsError } from '../wire/error-answer.ts';
import { type JsonOperation, jsonOperation } from '../wire/json-service.ts';
import * as input from './secret-input.ts';
import type { SecretRecord } from './secret-record.ts';
import { CURRENT, PENDING, reserveVersion } from './secret-versions.ts';
import { invalidRequest, type Secrets } from './secrets.ts';

const STEPS: readonly string[] = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

export interface RotationProps {
  readonly identity: Identity;
  readonly secrets: Secrets;
  /** What rotations run. */
  readonly functions: LocalFunctions;
  readonly background: BackgroundWork;
  /** Stores the secrets. */
  save(): Promise<void>;
}

/** RotateSecret: reserves a version, answers, and then runs the function for each of the four steps. */
export function rotateSecret(props: RotationProps): JsonOperation {
  const { identity, secrets, functions, background } = props;
  return jsonOperation({
    input: z.strictObject({
      SecretId: input.secretId,
      ClientRequestToken: z.string().optional(),
      RotationLambdaARN: z.string().max(2048).optional(),
      RotateImmediately: z.boolean().optional(),
    }),
    writes: true,
    run: (request) => {
      const record = secrets.active(request.SecretId);
      const versionId = input.requestToken(request, () => identity.random.uuid());
      const answer = { ARN: record.arn, Name: record.name, VersionId: versionId };
      // The SDK repeats a call with its token.
      if (record.versions.some((version) => version.versionId === versionId)) return answer;
      const lambdaArn = request.RotationLambdaARN ?? record.rotation?.lambdaArn;
      if (lambdaArn === undefined) {
        throw invalidRequest('No Lambda rotation function ARN is associated with this secret.');
      }
      if (!functions.has(functionName(lambdaArn))) {
        throw new AwsError(
          'AccessDeniedException',
          'Secrets Manager cannot invoke the specified Lambda function.',
        );
      }
      refuseUnfinished(record);
      record.rotation = { ...record.rotation, lambdaArn };
      reserveVersion(record, versionId, identity.clock.now());
      // Rotation that is only set up is tested, with a version that goes again.
      const steps = request.RotateImmediately === false ? ['testSecret'] : STEPS;
      background.start(`the rotation of ${record.name}`, () => run(props, record, versionId, steps));
      return answer;
    },
  });
}

async function run(
  props: RotationProps,
  record: SecretRecord,
  versionId: string,
  steps: readonly string[],
): Promise<void> {
  const { identity, functions, save } = props;
  const { lambdaArn = '' } = record.rotation ?? {};
  for (const Step of steps) {
    const event = { Step, SecretId: record.arn, ClientRequestToken: versionId };
    if ((await functions.run(functionName(lambdaArn), event)).failed) return;
  }
  if (steps === STEPS) record.rotation = { lambdaArn, lastRotatedAt: identity.clock.now() };
  else record.versions = record.versions.filter((version) => version.versionId !== versionId);
  await save();
}

/** A label left on a version that is not current means to AWS that a rotation is under way. */
function refuseUnfinished(record: SecretRecord): void {
  const pending = record.versions.find(({ stages }) => stages.includes(PENDING));
  if (pending && !pending.stages.includes(CURRENT)) {
    throw invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.");
  }
}
