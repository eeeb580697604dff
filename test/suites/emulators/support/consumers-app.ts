import { App, Stack } from 'aws-cdk-lib';
import { ContactsApiStack } from '../../../../examples/cdk/http-api.ts';
import { RedeployStack } from '../../../../examples/cdk/redeploy-on-refresh.ts';
import { SyncStack } from '../../../../examples/cdk/state-machine.ts';
import { Connection, TokenRefresher, TokenStorage } from '../../../../infra/index.ts';

/** Examples that read the token of "crm", and the deployment that they need, whose provider the context names. */
const app = new App();
const apiUrl: string = app.node.getContext('apiUrl');
const tokenUrl: string = app.node.getContext('tokenUrl');

const tokens = new Stack(app, 'tokens');
const storage = new TokenStorage(tokens, 'Storage');
new Connection(tokens, 'Crm', {
  storage,
  connectionName: 'crm',
  tokenUrl,
  credentials: 'crm',
  rules: { request: { bodyFormat: 'json' } },
});
new TokenRefresher(tokens, 'Refresher', { storage, allowedTokenOrigins: [new URL(tokenUrl).origin] });

new ContactsApiStack(app, 'contacts-api', { apiUrl });
new SyncStack(app, 'nightly-sync', { apiUrl });
new RedeployStack(app, 'redeploy', {
  namespace: storage.namespace,
  connection: 'crm',
  clusterName: 'services',
  serviceName: 'legacy',
});
