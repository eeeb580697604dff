/**
 * An app of a platform team: an existing VPC and key, a permissions boundary, a topic of one's own that alarms reach, two
 * namespaces beside each other, secrets that exist already, and a provider that no preset knows.
 *
 *     npx cdk deploy --all --app 'node examples/cdk/platform.ts'
 */
import { App, Stack } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { Connection, TokenRefresher, TokenStorage } from '../../infra/index.ts'; // in your app: 'evertoken'

export interface PlatformStackProps {
  readonly keyArn: string;
  readonly boundaryArn: string;
  readonly vpcId: string;
  readonly privateSubnetIds: string[];
  readonly privateSubnetRouteTableIds: string[];
  readonly securityGroupId: string;
  /** Of the credentials that somebody stored long ago, as `clientId` and `clientSecret`. */
  readonly credentialsArn: string;
  /** The token endpoint of the company's own provider, inside its network. */
  readonly ownTokenUrl: string;
  readonly ledgerTokenUrl: string;
  /** Origins inside the network to which token requests may go: others there are refused. */
  readonly allowedTokenOrigins: string[];
}

export class PlatformStack extends Stack {
  constructor(scope: Construct, id: string, props: PlatformStackProps) {
    super(scope, id, { terminationProtection: true });
    PermissionsBoundary.of(this).apply(
      ManagedPolicy.fromManagedPolicyArn(this, 'Boundary', props.boundaryArn),
    );
    const { vpcId, privateSubnetIds, privateSubnetRouteTableIds, allowedTokenOrigins } = props;
    const availabilityZones = privateSubnetIds.map((_, index) => this.availabilityZones[index] ?? 'unknown');
    const network = {
      vpc: Vpc.fromVpcAttributes(this, 'Vpc', {
        vpcId,
        availabilityZones,
        privateSubnetIds,
        privateSubnetRouteTableIds,
      }),
      securityGroups: [SecurityGroup.fromSecurityGroupId(this, 'Egress', props.securityGroupId)],
    };
    // Plain as it is: what alarms and events need is added to its policy.
    const onCall = new Topic(this, 'OnCall');
    onCall.addSubscription(new EmailSubscription('on-call@example.com'));

    // One for each team: neither can see the other's, and both are seen by the people on call.
    const sales = new TokenStorage(this, 'SalesStorage', {
      namespace: 'sales',
      key: Key.fromKeyArn(this, 'Key', props.keyArn),
      tags: { team: 'sales' },
    });
    new Connection(this, 'Orders', {
      storage: sales,
      connectionName: 'orders',
      tokenUrl: props.ownTokenUrl,
      credentials: {
        secretArn: props.credentialsArn,
        fields: { client_id: 'clientId', client_secret: 'clientSecret' },
      },
      rules: { request: { bodyFormat: 'json' }, errors: { invalidGrant: ['SESSION_GONE'] } },
    });
    const shared = { allowedTokenOrigins, alarmTopic: onCall };
    new TokenRefresher(this, 'SalesRefresher', { storage: sales, network, ...shared });

    const billing = new TokenStorage(this, 'BillingStorage', { namespace: 'billing' });
    const ledger = new Connection(this, 'Ledger', {
      storage: billing,
      connectionName: 'ledger',
      tokenUrl: props.ledgerTokenUrl,
      credentials: new Secret(this, 'LedgerCredentials'),
    });
    const refresher = new TokenRefresher(this, 'BillingRefresher', { storage: billing, ...shared });
    const inDanger = refresher.metricTokensEndangered().createAlarm(this, 'LedgerInDanger', {
      threshold: 1,
      evaluationPeriods: 1,
      alarmDescription: `A token of ${ledger.connectionName} or its like is about to expire`,
    });
    inDanger.addAlarmAction(new SnsAction(onCall));
  }
}

/** Adds the stack to an app. */
export function addPlatform(app: App): PlatformStack {
  return new PlatformStack(app, 'platform', {
    keyArn: 'arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f',
    boundaryArn: 'arn:aws:iam::111122223333:policy/boundary',
    vpcId: 'vpc-0a1b2c3d',
    privateSubnetIds: ['subnet-0a1b2c3d', 'subnet-0a1b2c3e'],
    privateSubnetRouteTableIds: ['rtb-0a1b2c3d', 'rtb-0a1b2c3e'],
    securityGroupId: 'sg-0a1b2c3d',
    credentialsArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:orders-AbCdEf',
    ownTokenUrl: 'https://idp.corp.example.com/oauth2/token',
    ledgerTokenUrl: 'https://ledger.example.com/oauth2/token',
    allowedTokenOrigins: ['https://idp.corp.example.com'],
  });
}

if (import.meta.main) addPlatform(new App());
