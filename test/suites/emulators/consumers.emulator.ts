import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { assertNoCanary, canarySecret } from '../../support/canary.ts';
import { API_ANSWER, type JsonProvider, startJsonProvider } from './support/json-provider.ts';
import { type Ministack, startMinistack } from './support/ministack.ts';

const CLIENT = { clientId: 'crm', clientSecret: canarySecret('client') };

/** For a deployment on a machine that has other work. */
const PATIENCE_MS = 180_000;

const CLUSTER = 'services';
const SERVICE = 'legacy';

/** Ministack looks for a signature, and does not verify it. */
const SIGNED = {
  authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/execute-api/aws4_request',
};

describe('consumers on Ministack', () => {
  const missing = inject('missing');
  let provider: JsonProvider;
  let ministack: Ministack;
  let contactsUrl: string;
  let firstDeployment: string | undefined;

  beforeEach((context) => {
    if (missing !== null) context.skip(missing);
  });
  beforeAll(async () => {
    if (missing !== null) return;
    provider = await startJsonProvider({ ...CLIENT, mark: canarySecret('token') });
    ministack = await startMinistack({
      app: 'node test/suites/emulators/support/consumers-app.ts',
      lacking: ['AWS::Logs::QueryDefinition'],
    });
    await ministack.keep({}, { tokenUrl: provider.tokenUrl, apiUrl: provider.protectedUrl });
    await createService();
    await ministack.bootstrap();
    await ministack.deploy();
    firstDeployment = await currentDeployment();
    const { Items } = await ministack.aws('apigatewayv2', 'get-apis');
    const [{ ApiId }] = Items as [{ ApiId: string }];
    contactsUrl = `${ministack.url}/_aws/execute-api/${ApiId}/$default/contacts`;
  }, PATIENCE_MS);
  afterAll(async () => {
    await ministack?.[Symbol.asyncDispose]();
    await provider?.close();
  });

  /** One that is there before, and runs nothing here. */
  async function createService(): Promise<void> {
    const container = [{ name: 'legacy', image: 'example.com/legacy:1', memory: 64 }];
    const task = ['--family', 'legacy', '--container-definitions', JSON.stringify(container)];
    await ministack.aws('ecs', 'create-cluster', '--cluster-name', CLUSTER);
    await ministack.aws('ecs', 'register-task-definition', ...task);
    const service = ['--service-name', SERVICE, '--task-definition', 'legacy', '--desired-count', '0'];
    await ministack.aws('ecs', 'create-service', '--cluster', CLUSTER, ...service);
  }

  /** The id of the deployment that the service has now. */
  async function currentDeployment(): Promise<string | undefined> {
    const named = ['--cluster', CLUSTER, '--services', SERVICE];
    const { services } = await ministack.aws('ecs', 'describe-services', ...named);
    const [{ deployments }] = services as [{ deployments: { id: string; status: string }[] }];
    return deployments.find(({ status }) => status === 'PRIMARY')?.id;
  }

  async function contacts(headers: Readonly<Record<string, string>> = SIGNED) {
    const response = await fetch(contactsUrl, { headers });
    return { status: response.status, body: (await response.json()) as unknown };
  }

  describe('an HTTP API', () => {
    it('answers nobody who does not sign', async () => {
      expect(await contacts({})).toMatchObject({ status: 403 });
    });

    it('asks to come again while there is no token', async () => {
      expect(await currentDeployment()).toBe(firstDeployment);
      expect(await contacts()).toEqual({ status: 503, body: { message: 'there is no token for the CRM' } });
    });

    it('answers with what the provider says, once there is one', async () => {
      const value = JSON.stringify({ client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret });
      const put = ['put-secret-value', '--secret-id', 'evertoken/credentials/crm', '--secret-string', value];
      await ministack.aws('secretsmanager', ...put);
      await ministack.invoke('evertoken-reconcile', {});
      expect(await ministack.invoke('evertoken-refresh-now', { connections: ['crm'] })).toMatchObject({
        results: [{ connection: 'crm', health: 'healthy', error: null }],
      });
      expect(await contacts()).toEqual({ status: 200, body: API_ANSWER });
    });

    it('keeps to itself why the provider refuses', async () => {
      provider.apiStatus = 403;
      expect(await contacts()).toEqual({ status: 502, body: { message: 'the CRM answered 403' } });
      provider.apiStatus = 200;
    });
  });

  describe('a state machine', () => {
    let executionArn: string;

    async function ended() {
      const describe = ['describe-execution', '--execution-arn', executionArn];
      const { status, output = 'null' } = await ministack.aws('stepfunctions', ...describe);
      return { status, output: JSON.parse(String(output)) as unknown };
    }

    it('calls the provider', async () => {
      const { stateMachines } = await ministack.aws('stepfunctions', 'list-state-machines');
      const machines = stateMachines as { name: string; stateMachineArn: string }[];
      const { stateMachineArn } = machines.find(({ name }) => name.includes('Sync')) ?? {};
      const start = ['start-execution', '--state-machine-arn', String(stateMachineArn)];
      ({ executionArn } = (await ministack.aws('stepfunctions', ...start)) as { executionArn: string });
      await expect
        .poll(ended, { timeout: 30_000, interval: 500 })
        .toEqual({ status: 'SUCCEEDED', output: API_ANSWER });
    });

    it('leaves no token in the history of its execution', async () => {
      const history = ['get-execution-history', '--execution-arn', executionArn];
      const { events } = await ministack.aws('stepfunctions', ...history);
      expect(JSON.stringify(events)).toContain('Ada');
      assertNoCanary(JSON.stringify(events), 'the history of the execution');
    });
  });

  it('a service that cannot read a token again is deployed anew, by the event of the first one', async () => {
    expect(firstDeployment).toBeDefined();
    await expect.poll(currentDeployment, { timeout: 20_000, interval: 500 }).not.toBe(firstDeployment);
  });

  it('print nothing that is secret', () => {
    assertNoCanary(ministack.printed(), 'what Ministack and the functions printed');
  });
});
