import { createHash } from 'node:crypto';
import { Lazy } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import type { TokenStorage } from './token-storage.ts';

/** Beside `/<namespace>/connections/` and `/<namespace>/rescue/`, and under neither. */
export const deploymentParameterName = (namespace: string) => `/${namespace}/deployment`;

/**
 * A parameter that a deployment writes last, and only where it declares something else than the one before.
 * Its change is the event that makes `reconcile` run: on the first deployment the declarations are written
 * before the rule that listens for them exists.
 */
export function createDeploymentParameter(scope: Construct, storage: TokenStorage): StringParameter {
  return new StringParameter(scope, 'Deployment', {
    parameterName: deploymentParameterName(storage.namespace),
    description: 'What the last deployment declared; its change makes Evertoken reconcile',
    stringValue: Lazy.string({ produce: () => digest(storage) }),
  });
}

function digest({ connections }: TokenStorage): string {
  const sorted = connections
    .map(({ connectionName, definition }) => [connectionName, definition] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  const hash = createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
  return JSON.stringify({ schema: 1, connections: sorted.length, digest: hash.slice(0, 32) });
}
