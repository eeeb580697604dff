import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { DeploymentSettings } from '../../functions/connections/deployment-settings.ts';
import { TokenRefresher } from '../constructs/token-refresher.ts';
import type { TokenStorage } from '../constructs/token-storage.ts';
import { refresherProps } from '../settings/refresher-props.ts';

export interface RefreshStackProps extends StackProps {
  readonly storage: TokenStorage;
  /** What is said of the deployment; of the storage is passed over here. */
  readonly settings: DeploymentSettings;
}

/** What keeps tokens fresh, and holds no state: it may be deleted and deployed again at any time. */
export class RefreshStack extends Stack {
  readonly refresher: TokenRefresher;

  constructor(scope: Construct, id: string, props: RefreshStackProps) {
    const { storage, settings, ...stackProps } = props;
    super(scope, id, stackProps);
    this.refresher = new TokenRefresher(this, 'Refresher', { storage, ...refresherProps(this, settings) });
    new CfnOutput(this, 'RefreshNowFunction', {
      description: 'Invoke it to refresh connections now: {"connections": ["crm"]}',
      value: this.refresher.refreshNow.functionName,
    });
    new CfnOutput(this, 'OperatorPolicyArn', {
      description: 'Attach it to the people who run the evertoken command',
      value: this.refresher.operatorPolicy.managedPolicyArn,
    });
    const { dashboard } = this.refresher;
    if (dashboard) {
      new CfnOutput(this, 'DashboardName', {
        description: 'CloudWatch dashboard: what needs a person, and what expires next',
        value: dashboard.dashboardName,
      });
    }
  }
}
