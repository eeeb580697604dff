import { describe, expect, it, onTestFinished } from 'vitest';
import type { SynthesisOptions } from '../../local/assembly/synthesis.ts';
import { assemblyDeployment } from '../../local/assembly-deployment.ts';
import { localSetup } from '../../local/connections.ts';
import type { DemoProviders } from '../../local/demo/demo-providers.ts';
import type { JsonEvent } from '../../local/demo/json-lines.ts';
import { LOCAL_REGION } from '../../local/endpoint-clients.ts';
import type { LocalSystem } from '../../local/system.ts';
import {
  AUDIENCE,
  type ProvingProvider,
  PUBLIC_CLIENT,
  startProvingProvider,
} from '../support/proving-provider.ts';
import {
  startSynthesisedSystem,
  synthesiseWithout,
  type TemplateResources,
  until,
} from '../support/synthesised-system.ts';

const SYNTHESIS_MS = 60_000;
/** As somebody's account has it; here a key of this machine stands for it. */
const KMS_KEY_ARN = 'arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d';
const CLIENT = 'signing-client';
const ROLE = `arn:aws:iam::000000000000:role/evertoken-refresh-due-${LOCAL_REGION}`;

interface Run {
  readonly system: LocalSystem;
  readonly provider: ProvingProvider;
  readonly events: JsonEvent[];
}

/** Two connections without a stored secret that opens anything: one signs with KMS, one is its role. */
async function start(synthesise?: (options: SynthesisOptions) => Promise<string>): Promise<Run> {
  const events: JsonEvent[] = [];
  let system: LocalSystem | undefined;
  const keyOf = () => system?.endpoint.signingKeys.find('0a1b2c3d')?.publicKey;
  const jwk = { alg: 'ES256' };
  const provider = await startProvingProvider({
    keys: () => ({ [CLIENT]: { ...jwk, ...keyOf()?.export({ format: 'jwk' }) } }),
    identityIssuer: () => system?.endpoint.identityIssuer ?? '',
    roles: [ROLE],
  });
  onTestFinished(() => provider.close());
  const setupFor = async (providers: DemoProviders) => {
    const setup = await localSetup(
      new Map([
        [
          'signed',
          {
            tokenUrl: provider.tokenUrl,
            credentials: 'signed',
            clientAuthentication: 'private_key_jwt',
            signingKey: { kmsKeyArn: KMS_KEY_ARN },
            rules: { request: { assertion: { use: 'client', algorithms: ['ES256'] } } },
            readerCacheSeconds: 0,
          },
        ],
        [
          'trusted',
          {
            tokenUrl: provider.federatedUrl,
            identity: 'aws',
            clientId: PUBLIC_CLIENT,
            rules: { identity: { use: 'client', audience: AUDIENCE } },
            readerCacheSeconds: 0,
          },
        ],
      ]),
      providers,
    );
    return { ...setup, credentials: new Map([['signed', { client_id: CLIENT }]]) };
  };
  const deployment = assemblyDeployment({
    onRefused: ({ role, call }) => events.push({ type: 'call-refused', role, action: call.action }),
    ...(synthesise && { synthesise }),
  });
  system = await startSynthesisedSystem({ onEvent: (event) => events.push(event), setupFor, deployment });
  const running = system;
  onTestFinished(async () => {
    await running.stop();
  });
  return { system, provider, events };
}

const seen = (events: readonly JsonEvent[], type: string, connection: string) =>
  events.filter((event) => event.type === type && event.connection === connection);

/** Takes the statement of one action out of the role of ticks. */
const without = (action: string) =>
  synthesiseWithout('evertoken-refresh', (resources: TemplateResources) => {
    const [, policy] =
      Object.entries(resources).find(
        ([id, { Type }]) => id.startsWith('RefresherRefreshDueRole') && Type === 'AWS::IAM::Policy',
      ) ?? [];
    const document = policy?.Properties.PolicyDocument;
    const kept = document.Statement.filter(({ Action }: { Action: unknown }) => Action !== action);
    expect(kept).toHaveLength(document.Statement.length - 1);
    document.Statement = kept;
  });

describe('the functions as they are synthesised', { timeout: SYNTHESIS_MS }, () => {
  it('sign with KMS and are known by their role, under their own permissions', async () => {
    const { system, provider, events } = await start();
    for (const name of ['signed', 'trusted']) {
      await until(`${name} is refreshed`, () => seen(events, 'refreshed', name).length > 0);
    }
    expect(provider.proofs.length).toBeGreaterThanOrEqual(2);
    expect(events.filter(({ type }) => type === 'call-refused')).toEqual([]);
    const { calls } = system.endpoint;
    expect(calls.count({ service: 'kms', operation: 'Sign' })).toBeGreaterThan(0);
    expect(calls.count({ service: 'sts', operation: 'GetWebIdentityToken' })).toBeGreaterThan(0);
    // No secret was even made for credentials that nobody has.
    expect(system.endpoint.secret('evertoken/credentials/signed')).toBeDefined();
    expect(system.endpoint.secret('evertoken/credentials/trusted')).toBeUndefined();
  });

  it.each([
    ['kms:Sign', 'signed', 'signing_denied', 'trusted'],
    ['sts:GetWebIdentityToken', 'trusted', 'identity_denied', 'signed'],
  ])('could not do so without %s', async (action, connection, code, other) => {
    const { events } = await start(without(action));
    await until('the other is refreshed', () => seen(events, 'refreshed', other).length > 0);
    await until('it is refused', () => seen(events, 'refresh-failed', connection).length > 0);
    expect(seen(events, 'refresh-failed', connection)[0]).toMatchObject({ code });
    expect(events.find(({ type }) => type === 'call-refused')).toMatchObject({
      role: `evertoken-refresh-due-${LOCAL_REGION}`,
      action,
    });
  });
});
