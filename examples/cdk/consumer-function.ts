/**
 * A CDK app of one's own, in which a function calls a provider:
 *
 *     npx cdk deploy --all --app 'node examples/cdk/consumer-function.ts'
 */
import { fileURLToPath } from 'node:url';
import { App, Stack } from 'aws-cdk-lib';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { Construct } from 'constructs';
import { Connection, presets, TokenRefresher, TokenStorage } from '../../infra/index.ts'; // in your app: 'evertoken'

/** What must not be lost has a stack of its own. */
export class TokensStack extends Stack {
  readonly storage = new TokenStorage(this, 'Storage');
  readonly crm = new Connection(this, 'Crm', {
    storage: this.storage,
    connectionName: 'crm',
    provider: presets.kajabi,
    credentials: 'kajabi-main',
  });

  constructor(scope: Construct, id: string) {
    super(scope, id, { terminationProtection: true });
  }
}

export interface ConsumerStackProps {
  readonly tokens: TokensStack;
}

export class ConsumerStack extends Stack {
  constructor(scope: Construct, id: string, { tokens }: ConsumerStackProps) {
    super(scope, id);
    new TokenRefresher(this, 'Refresher', { storage: tokens.storage });
    const consumer = new NodejsFunction(this, 'Consumer', {
      runtime: Runtime.NODEJS_24_X,
      entry: fileURLToPath(new URL('call-crm.ts', import.meta.url)),
    });
    // Grants it the one secret. Never put the token itself into the environment: it goes stale within the hour.
    tokens.crm.grantRead(consumer);
  }
}

/** Adds the stacks to an app. */
export function addConsumer(app: App): void {
  new ConsumerStack(app, 'consumer', { tokens: new TokensStack(app, 'tokens') });
}

if (import.meta.main) addConsumer(new App());
