/**
 * A workload on EKS that reads its token from a Kubernetes secret, which External Secrets Operator copies from Secrets
 * Manager. The role is what the operator's service account assumes, by EKS Pod Identity; the stack's outputs are the two
 * manifests, for `kubectl apply`. It needs a deployment with a connection called "crm", and a cluster with both.
 *
 *     npx cdk deploy --app 'node examples/cdk/external-secrets.ts'
 */
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { CfnPodIdentityAssociation } from 'aws-cdk-lib/aws-eks';
import { PolicyStatement, Role, ServicePrincipal, SessionTagsPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { Connection } from '../../infra/index.ts'; // in your app: 'evertoken'

export interface ExternalSecretsStackProps {
  readonly clusterName: string;
  readonly kubernetesNamespace: string;
  readonly connectionName: string;
}

export class ExternalSecretsStack extends Stack {
  constructor(scope: Construct, id: string, props: ExternalSecretsStackProps) {
    super(scope, id);
    const { clusterName, kubernetesNamespace: namespace, connectionName } = props;
    const serviceAccount = `${connectionName}-tokens`;
    const connection = Connection.fromConnectionName(this, 'Connection', connectionName);
    const role = new Role(this, 'Reader', {
      assumedBy: new SessionTagsPrincipal(new ServicePrincipal('pods.eks.amazonaws.com')),
    });
    connection.grantRead(role);
    // The operator's documentation asks for this one beside.
    role.addToPolicy(
      new PolicyStatement({
        actions: ['secretsmanager:ListSecretVersionIds'],
        resources: [connection.tokenSecret.secretArn],
      }),
    );
    new CfnPodIdentityAssociation(this, 'Association', {
      clusterName,
      namespace,
      serviceAccount,
      roleArn: role.roleArn,
    });
    this.#print('Store', {
      apiVersion: 'external-secrets.io/v1',
      kind: 'SecretStore',
      metadata: { name: serviceAccount, namespace },
      spec: { provider: { aws: { service: 'SecretsManager', region: this.region } } },
    });
    this.#print('Token', {
      apiVersion: 'external-secrets.io/v1',
      kind: 'ExternalSecret',
      metadata: { name: serviceAccount, namespace },
      spec: {
        // Well within the five minutes that readers may cache a token for.
        refreshInterval: '1m',
        secretStoreRef: { kind: 'SecretStore', name: serviceAccount },
        target: { name: serviceAccount },
        data: [
          {
            secretKey: 'access_token',
            remoteRef: { key: `evertoken/tokens/${connectionName}`, property: 'access_token' },
          },
        ],
      },
    });
  }

  /** As JSON, which is YAML, too. */
  #print(id: string, manifest: object): void {
    new CfnOutput(this, id, { value: this.toJsonString(manifest) });
  }
}

/** Adds the stack to an app. */
export function addExternalSecrets(app: App): ExternalSecretsStack {
  return new ExternalSecretsStack(app, 'crm-on-eks', {
    clusterName: 'services',
    kubernetesNamespace: 'orders',
    connectionName: 'crm',
  });
}

if (import.meta.main) addExternalSecrets(new App());
