import { Annotations, type App, type Stack, type StackProps, Tags } from 'aws-cdk-lib';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import { type DeploymentSettings, USUAL_SETTINGS } from '../functions/connections/deployment-settings.ts';
import { readDeclaredConnections } from './declared-connections.ts';
import { readSettings, type Settings } from './settings/read-settings.ts';
import { RefreshStack } from './stacks/refresh-stack.ts';
import { StorageStack } from './stacks/storage-stack.ts';

/** The two stacks, and the settings that they were made by. */
export interface EvertokenStacks {
  readonly settings: Settings;
  readonly storage: StorageStack;
  readonly refresh: RefreshStack;
}

/**
 * The two stacks that a file of settings, and the app's context over it, ask for.
 * @param stackProps of both: an environment, for example. Default: wherever they are deployed to
 * @throws SynthProblem when the settings or the file of connections cannot be deployed
 */
export function addEvertokenStacks(app: App, stackProps: StackProps = {}): EvertokenStacks {
  const settings = readSettings(app.node.getAllContext());
  const { said, namespace } = settings;
  const storage = new StorageStack(app, `${namespace}-storage`, {
    ...stackProps,
    description: `Evertoken ${namespace}: secrets, state and their key`,
    namespace,
    connections: readDeclaredConnections(
      settings.connections,
      namespace,
      said.parameterWritesPerSecond ?? USUAL_SETTINGS.parameterWritesPerSecond,
    ),
    keyArn: said.keyArn,
    ...(said.encryption !== undefined && { encryption: said.encryption }),
  });
  const refresh = new RefreshStack(app, `${namespace}-refresh`, {
    ...stackProps,
    description: `Evertoken ${namespace}: keeps tokens fresh`,
    storage: storage.storage,
    settings: said,
  });
  dependOn(refresh, storage);
  for (const stack of [storage, refresh]) applyToAll(stack, said);
  for (const note of settings.onlyByContext) Annotations.of(refresh).addInfo(note);
  if (alarmsReachNobody(said)) {
    const { size } = refresh.refresher.alarms;
    Annotations.of(refresh).addWarningV2('evertoken:alarms', nobodyIsTold(size, settings.file));
  }
  return { settings, storage, refresh };
}

/** By the name that it has in the version of CDK at hand. */
function dependOn(stack: Stack, other: Stack): void {
  const { addStackDependency }: Partial<Stack> = stack;
  if (addStackDependency) addStackDependency.call(stack, other);
  else stack.addDependency(other);
}

function applyToAll(
  stack: StorageStack | RefreshStack,
  { tags = {}, permissionsBoundaryArn }: DeploymentSettings,
) {
  for (const [key, value] of Object.entries(tags)) Tags.of(stack).add(key, value);
  if (permissionsBoundaryArn === undefined) return;
  const boundary = ManagedPolicy.fromManagedPolicyArn(stack, 'Boundary', permissionsBoundaryArn);
  PermissionsBoundary.of(stack).apply(boundary);
}

/** `null` says that it is meant. */
const alarmsReachNobody = ({ alarmEmail, alarmTopicArn }: DeploymentSettings) =>
  alarmEmail === undefined && alarmTopicArn === undefined;

const nobodyIsTold = (alarms: number, file: string) =>
  `${alarms} alarms, and what needs a person, reach nobody: say "alarmEmail" or "alarmTopicArn" in ${file}, or "alarmEmail": null if that is meant.`;
