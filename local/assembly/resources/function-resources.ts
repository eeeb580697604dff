import { z } from 'zod';
import { type Account, regionalArn } from '../../iam/account.ts';
import type { Assembly } from '../assembly.ts';
import type { Creator, ResolvedResource } from '../create-resources.ts';
import type { Deployed } from '../deployed.ts';
import type { EventPattern } from '../event-pattern.ts';
import { AssemblyError } from '../template.ts';
import { creator, unheeded } from './properties.ts';

const deadLetterConfig = z.strictObject({ Arn: z.string() }).optional();

/** Functions, and what makes them run. */
export function functionCreators(
  deployed: Deployed,
  account: Account,
  { codeFolder }: Pick<Assembly, 'codeFolder'>,
): Record<string, Creator> {
  const roleOf = (arn: string, { stack, id }: ResolvedResource) => {
    const role = deployed.roles.get(arn);
    if (role === undefined) throw new AssemblyError(`${stack}/${id}: there is no role ${arn}`);
    return role;
  };
  const arnOf = (name: string) =>
    name.startsWith('arn:') ? name : regionalArn(account, 'lambda', `function:${name}`);
  return {
    'AWS::Lambda::Function': creator(
      {
        FunctionName: z.string(),
        Role: z.string(),
        Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
        Handler: z.string().regex(/^[\w-]+\.[\w-]+$/),
        Runtime: z.literal('nodejs24.x'),
        Timeout: z.int().min(1).max(900),
        MemorySize: z.int(),
        Environment: z.strictObject({ Variables: z.record(z.string(), z.string()) }),
        LoggingConfig: z.looseObject({ LogGroup: z.string() }),
        DeadLetterConfig: z.strictObject({ TargetArn: z.string() }).optional(),
        Architectures: unheeded,
        Description: unheeded,
      },
      (properties, resource) => {
        const name = properties.FunctionName;
        const arn = arnOf(name);
        deployed.functions.set(arn, {
          name,
          arn,
          role: roleOf(properties.Role, resource),
          code: codeFolder(properties.Code.S3Key),
          handler: properties.Handler,
          environment: properties.Environment.Variables,
          timeoutMs: properties.Timeout * 1000,
          memoryMb: properties.MemorySize,
          logGroupArn: logGroupArn(account, properties.LoggingConfig.LogGroup),
          deadLetterArn: properties.DeadLetterConfig?.TargetArn,
        });
        return { ref: name, attributes: { Arn: arn } };
      },
    ),

    'AWS::Lambda::EventInvokeConfig': creator(
      {
        FunctionName: z.string(),
        MaximumRetryAttempts: z.int().min(0).max(2),
        MaximumEventAgeInSeconds: unheeded,
        Qualifier: z.literal('$LATEST'),
      },
      ({ FunctionName, MaximumRetryAttempts }, { id }) => {
        deployed.retryAttempts.set(FunctionName, MaximumRetryAttempts);
        return { ref: id };
      },
    ),

    'AWS::Lambda::Permission': creator(
      {
        Action: z.literal('lambda:InvokeFunction'),
        FunctionName: z.string(),
        Principal: z.string(),
        SourceArn: z.string().optional(),
        SourceAccount: z.literal(account.accountId).optional(),
      },
      ({ FunctionName, Principal, SourceArn }, { id }) => {
        const permission = { functionArn: arnOf(FunctionName), service: Principal, sourceArn: SourceArn };
        deployed.invokePermissions.push(permission);
        return { ref: id };
      },
    ),

    'AWS::Lambda::EventSourceMapping': creator(
      {
        EventSourceArn: z.string(),
        FunctionName: z.string(),
        BatchSize: z.int().min(1).max(10),
        ScalingConfig: unheeded,
      },
      ({ EventSourceArn, FunctionName, BatchSize }, { id }) => {
        deployed.deliveries.push({
          queueArn: EventSourceArn,
          functionArn: arnOf(FunctionName),
          batchSize: BatchSize,
        });
        return { ref: id };
      },
    ),

    'AWS::SecretsManager::RotationSchedule': creator(
      {
        SecretId: z.string(),
        RotationLambdaARN: z.string(),
        RotateImmediatelyOnUpdate: z.literal(false),
        RotationRules: unheeded,
      },
      ({ SecretId, RotationLambdaARN }, { id }) => {
        deployed.rotations.push({ secretId: SecretId, functionArn: RotationLambdaARN });
        return { ref: id };
      },
    ),

    'AWS::Events::Rule': creator(
      {
        EventPattern: z.custom<EventPattern>(),
        State: z.literal('ENABLED'),
        Targets: z.array(
          z.strictObject({
            Arn: z.string(),
            Id: z.string(),
            DeadLetterConfig: deadLetterConfig,
            RetryPolicy: unheeded,
          }),
        ),
        Description: unheeded,
      },
      ({ EventPattern, Targets }, { stack, id }) => {
        const name = `${stack}-${id}`;
        const arn = regionalArn(account, 'events', `rule/${name}`);
        deployed.rules.push({ arn, pattern: EventPattern, targets: Targets.map(({ Arn }) => Arn) });
        return { ref: name, attributes: { Arn: arn } };
      },
    ),

    'AWS::Scheduler::ScheduleGroup': creator({ Name: z.string() }, ({ Name }) => ({
      ref: Name,
      attributes: { Arn: regionalArn(account, 'scheduler', `schedule-group/${Name}`) },
    })),

    'AWS::Scheduler::Schedule': creator(
      {
        Name: z.string(),
        GroupName: z.string(),
        ScheduleExpression: z.string(),
        FlexibleTimeWindow: z.strictObject({ Mode: z.literal('OFF') }),
        Target: z.strictObject({
          Arn: z.string(),
          RoleArn: z.string(),
          DeadLetterConfig: deadLetterConfig,
          RetryPolicy: unheeded,
        }),
      },
      ({ Name, GroupName, ScheduleExpression, Target }, resource) => {
        deployed.schedules.push({
          name: Name,
          groupArn: regionalArn(account, 'scheduler', `schedule-group/${GroupName}`),
          everyMs: rateMs(ScheduleExpression),
          functionArn: Target.Arn,
          role: roleOf(Target.RoleArn, resource),
        });
        return { ref: Name };
      },
    ),
  };
}

/** As CloudFormation gives it: all of the group's streams. */
export const logGroupArn = (account: Account, name: string) =>
  regionalArn(account, 'logs', `log-group:${name}:*`);

const UNIT_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
const RATE = /^rate\((\d+) (minute|hour|day)s?\)$/;

/** Milliseconds between two runs of a schedule. @throws AssemblyError for any expression but a rate */
export function rateMs(expression: string): number {
  const [, count, unit] = RATE.exec(expression) ?? [];
  if (count === undefined || unit === undefined || Number(count) < 1) {
    throw new AssemblyError(`local mode does not know the schedule ${expression}`);
  }
  return Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}
