/**
 * A token that is read in another account than the one that keeps it fresh. Both sides must agree: the secret
 * and its key name the other account, and the reader's role names the secret.
 *
 *     npx cdk deploy --all --app 'node examples/cdk/reader-in-another-account.ts'
 */
import { fileURLToPath } from 'node:url';
import { App, type Environment, Stack, type StackProps } from 'aws-cdk-lib';
import { AccountPrincipal } from 'aws-cdk-lib/aws-iam';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { Construct } from 'constructs';
import { Connection, presets, TokenRefresher, TokenStorage } from '../../infra/index.ts'; // in your app: 'evertoken'

const OWNER = { account: '111122223333', region: 'eu-central-1' };
const READER = { account: '444455556666', region: 'eu-central-1' };

export class OwnerStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & { readonly readers: string }) {
    super(scope, id, { terminationProtection: true, ...props });
    // The default, a key of one's own: AWS's own cannot be shared with another account.
    const storage = new TokenStorage(this, 'Storage');
    const crm = new Connection(this, 'Crm', {
      storage,
      connectionName: 'crm',
      provider: presets.kajabi,
      credentials: 'kajabi-main',
    });
    new TokenRefresher(this, 'Refresher', { storage });
    // The whole account, which decides by IAM who of it reads. A role must exist before a policy can name it.
    crm.grantRead(new AccountPrincipal(props.readers));
  }
}

export class ReaderStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & { readonly owner: Required<Environment> }) {
    super(scope, id, props);
    const crm = Connection.fromConnectionName(this, 'Crm', 'crm', props.owner);
    const consumer = new NodejsFunction(this, 'Consumer', {
      runtime: Runtime.NODEJS_24_X,
      entry: fileURLToPath(new URL('call-crm.ts', import.meta.url)),
      // In another account a secret goes by its ARN.
      environment: { CRM_TOKEN_SECRET: crm.tokenSecret.secretArn },
    });
    crm.grantRead(consumer);
  }
}

/** Adds the stacks to an app. */
export function addOwnerAndReader(app: App): void {
  new OwnerStack(app, 'token-owner', { env: OWNER, readers: READER.account });
  new ReaderStack(app, 'token-reader', { env: READER, owner: OWNER });
}

if (import.meta.main) addOwnerAndReader(new App());
