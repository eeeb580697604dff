import * as z from 'zod';
import { namespaceProblem } from './connection-name.ts';
import { isOrigin } from './endpoint-url.ts';
import { PARAMETER_WRITES_PER_SECOND } from './parameter-pace.ts';
import { SECRET_WRITES_PER_SECOND } from './secret-pace.ts';

/** The days that CloudWatch keeps logs for, of which one must be chosen. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

const namespace = z.string().superRefine((value, context) => {
  const problem =
    namespaceProblem(value) ??
    (/^[a-z]/.test(value) ? undefined : 'must begin with a letter: the stacks are named after it');
  if (problem !== undefined)
    context.addIssue({ code: 'custom', message: `${JSON.stringify(value)} ${problem}` });
});

const arn = (pattern: RegExp, what: string, such: string) =>
  z.string().regex(pattern, `expected the ARN of ${what}, such as "${such}"`);

const range = (least: number, most: number) => {
  const error = `expected a number from ${least} to ${most}`;
  return z.number({ error }).min(least, error).max(most, error);
};

const ids = (prefix: string) => {
  const error = `expected ids such as "${prefix}-0a1b2c3d"`;
  return z.array(z.string().regex(new RegExp(`^${prefix}-[0-9a-f]{8,17}$`), error)).min(1, error);
};

/**
 * What a deployment is like, beside its connections: the file `deployment.json`. All of it may be left out. `null`
 * for whom alarms reach says that it is to be nobody.
 */
export const deploymentSettingsSchema = z.strictObject({
  $schema: z.string().optional().describe('Where the JSON Schema of this file is, for editors.'),
  namespace: namespace
    .optional()
    .describe(
      'What the names of stacks, secrets and parameters begin with: a-z, 0-9 and "-". Default: evertoken. Never change it: another namespace is another deployment.',
    ),
  connections: z
    .string()
    .min(1)
    .optional()
    .describe('The file of connections, as seen from this one. Default: connections.json.'),
  encryption: z
    .enum(['customer-managed', 'aws-managed'])
    .optional()
    .describe(
      'Whose keys encrypt what is stored. Choose before the first deployment. Default: customer-managed.',
    ),
  keyArn: arn(
    /^arn:[a-z0-9-]+:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]{1,128}$/,
    'a KMS key',
    'arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-…',
  )
    .optional()
    .describe('An existing key for secrets and state, in place of a new one. Default: a new key.'),
  alarmEmail: z
    .union([z.string().regex(/^[^@\s]+@[^@\s]+$/, 'expected an e-mail address'), z.null()])
    .optional()
    .describe('Who is mailed when an alarm goes off or a connection needs a person; null for nobody.'),
  alarmTopicArn: arn(
    /^arn:[a-z0-9-]+:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/,
    'an SNS topic',
    'arn:aws:sns:eu-central-1:111122223333:on-call',
  )
    .optional()
    .describe('An existing topic for the same, whose policy lets CloudWatch and EventBridge publish.'),
  allowedTokenOrigins: z
    .array(
      z
        .string()
        .refine(isOrigin, 'expected scheme, host and port alone, such as "https://idp.internal:8443"'),
    )
    .optional()
    .describe('Origins inside a private network to which token requests may go. Default: none.'),
  secretWritesPerSecond: range(1, 50)
    .optional()
    .describe(
      'Writes of secrets that one function makes in a second, of the 50 of the account. Default: 20.',
    ),
  parameterWritesPerSecond: range(0.1, 40)
    .optional()
    .describe('Tokens that one function writes to Parameter Store in a second. Default: 3.'),
  statusWidget: z
    .enum(['with-buttons', 'read-only', 'none'])
    .optional()
    .describe('What the dashboard shows of connections. Default: with-buttons.'),
  tokenRefreshedEvents: z
    .boolean()
    .optional()
    .describe('Whether each refresh is told as an event. Default: true.'),
  logRetentionDays: z
    .literal(RETENTION_DAYS)
    .optional()
    .describe('How long the logs of functions are kept. Default: 30.'),
  network: z
    .strictObject({
      vpcId: z.string().regex(/^vpc-[0-9a-f]{8,17}$/, 'expected an id such as "vpc-0a1b2c3d"'),
      subnetIds: ids('subnet'),
      securityGroupIds: ids('sg'),
    })
    .optional()
    .describe('The network that the functions run in. Default: none.'),
  permissionsBoundaryArn: arn(
    /^arn:[a-z0-9-]+:iam::(\d{12}|aws):policy\/[\w+=,.@/-]{1,512}$/,
    'a managed policy',
    'arn:aws:iam::111122223333:policy/boundary',
  )
    .optional()
    .describe('A permissions boundary for every role. Default: none.'),
  tags: z
    .record(z.string().min(1), z.string())
    .optional()
    .describe('Tags of all that is deployed. Default: none.'),
});

export type DeploymentSettings = z.infer<typeof deploymentSettingsSchema>;

export type SettingName = Exclude<keyof DeploymentSettings, '$schema'>;

/** All that may be said. */
export const SETTING_NAMES = Object.keys(deploymentSettingsSchema.shape).filter(
  (name) => name !== '$schema',
) as readonly SettingName[];

/** What each is where nothing is said of it; of the others there is none then. */
export const USUAL_SETTINGS = {
  namespace: 'evertoken',
  connections: 'connections.json',
  encryption: 'customer-managed',
  secretWritesPerSecond: SECRET_WRITES_PER_SECOND,
  parameterWritesPerSecond: PARAMETER_WRITES_PER_SECOND,
  statusWidget: 'with-buttons',
  tokenRefreshedEvents: true,
  logRetentionDays: 30,
} as const satisfies DeploymentSettings;

/** The file, unless another is named. */
export const SETTINGS_FILE = 'deployment.json';

/** Settings that leave each other no room. */
export function settingsProblems(settings: DeploymentSettings) {
  const { encryption, keyArn, alarmEmail, alarmTopicArn } = settings;
  return [
    ...(keyArn !== undefined && encryption === 'aws-managed'
      ? [
          {
            path: ['keyArn'],
            message: 'cannot be given where encryption is "aws-managed": leave one of them out',
          },
        ]
      : []),
    ...(alarmTopicArn !== undefined && typeof alarmEmail === 'string'
      ? [
          {
            path: ['alarmTopicArn'],
            message: 'stands beside alarmEmail: subscribe the address to the topic, and leave alarmEmail out',
          },
        ]
      : []),
  ];
}

/** The JSON Schema (2020-12) of `deployment.json`, for editors. */
export function deploymentJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(deploymentSettingsSchema, { io: 'input', unrepresentable: 'throw' });
  return {
    ...schema,
    title: 'Evertoken deployment',
    description: 'The settings of one deployment of Evertoken.',
  };
}
