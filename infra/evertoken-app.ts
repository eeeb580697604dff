import type { App, StackProps } from 'aws-cdk-lib';
import { readDeclaredConnections } from './declared-connections.ts';
import { readSettings } from './settings.ts';
import { RefreshStack } from './stacks/refresh-stack.ts';
import { StorageStack } from './stacks/storage-stack.ts';

/**
 * The two stacks that an app's context asks for.
 * @param stackProps of both: an environment, for example. Default: wherever they are deployed to
 * @throws SynthProblem when the context or the file of connections cannot be deployed
 */
export function addEvertokenStacks(
  app: App,
  stackProps: StackProps = {},
): { storage: StorageStack; refresh: RefreshStack } {
  const { namespace, connections, encryption, ...refreshing } = readSettings((key) =>
    app.node.tryGetContext(key),
  );
  const storage = new StorageStack(app, `${namespace}-storage`, {
    ...stackProps,
    description: `Evertoken ${namespace}: secrets, state and their key`,
    namespace,
    connections: readDeclaredConnections(connections, namespace, refreshing.parameterWritesPerSecond),
    ...(encryption !== undefined && { encryption }),
  });
  const refresh = new RefreshStack(app, `${namespace}-refresh`, {
    ...stackProps,
    description: `Evertoken ${namespace}: keeps tokens fresh`,
    storage: storage.storage,
    ...refreshing,
  });
  refresh.addStackDependency(storage);
  return { storage, refresh };
}
