import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { secretName } from '../../functions/aws/resource-names.ts';
import { Secret } from '../../functions/oauth/secret.ts';
import type { Clock } from '../../functions/refresh/ports/outside.ts';
import type { Health } from '../../functions/refresh/rules/health.ts';
import { storeRefreshToken } from '../../functions/refresh/store-refresh-token.ts';
import { createLocalAwsClients } from '../endpoint-clients.ts';
import type { LocalSystem } from '../system.ts';
import { DEMO_CREDENTIALS } from './demo-providers.ts';
import type { Row } from './view.ts';

export interface FailuresOptions {
  readonly system: Pick<LocalSystem, 'namespace' | 'endpoint' | 'providers' | 'functions' | 'rows'>;
  readonly clock: Clock;
  /** Of the demo's tokens. */
  readonly lifetimeSeconds: number;
  /** Told what happens, and what one should see of it. */
  readonly tell: (text: string) => void;
  /** Aborts when the run is to end. */
  readonly signal: AbortSignal;
}

/** Something that goes wrong with one connection, until somebody mends it. */
interface Failure {
  readonly connection: string;
  /** What it is, and what one should see. */
  readonly text: string;
  readonly health: Health;
  begin(): void;
  /** As whoever is responsible would mend it. */
  mend(): Promise<void>;
  /** How it was mended. */
  readonly mended: string;
}

const LOOK_EVERY_MS = 500;
/** Lives of a token: what is not seen by then will not be. */
const PATIENCE = 3;
/** What must be left of a token's life when something goes wrong, so that it lasts until that is mended. */
const LEFT = 0.75;
/** How much of a token's life there is to see what goes wrong. */
const SHOWN = 0.2;
const MANY = 10_000;

/**
 * Lets the demo's providers fail, one after the other, and mends each when it was seen.
 * @returns whether each failure was seen, no reader met a token that did not work, and all is well in the end
 */
export async function playFailures(options: FailuresOptions): Promise<boolean> {
  const { tell, signal, clock } = options;
  const lifetimeMs = options.lifetimeSeconds * 1000;
  const isWell = ({ health }: Row) => health === 'healthy';
  const isYoung = (row: Row) => isWell(row) && (row.expiresAt ?? 0) - clock.now() > LEFT * lifetimeMs;
  const failures = failuresOf(options);
  for (const [index, failure] of failures.entries()) {
    const { connection } = failure;
    if (!(await waitFor(options, connection, isYoung))) return false;
    tell(`${index + 1} of ${failures.length}. ${failure.text}`);
    failure.begin();
    await options.system.functions.composition.ports.state.wake(connection, clock.now());
    if (!(await waitFor(options, connection, ({ health }) => health === failure.health))) return false;
    await clock.sleep(SHOWN * lifetimeMs, signal);
    const { refreshes = 0 } = (await rowOf(options, connection)) ?? {};
    await failure.mend();
    tell(`${failure.mended} You see ${connection} healthy again at the next tick or two.`);
    if (!(await waitFor(options, connection, (row) => isWell(row) && row.refreshes > refreshes)))
      return false;
  }
  const rows = await options.system.rows();
  const rejected = rows.reduce((sum, row) => sum + row.rejected, 0);
  const reads = rows.reduce((sum, row) => sum + row.reads, 0);
  tell(`That was all. Meanwhile ${reads} reads found a token, and ${rejected} of these tokens did not work.`);
  return rejected === 0;
}

function failuresOf({ system }: FailuresOptions): readonly Failure[] {
  const { slashid, rotating } = system.providers;
  const anotherSecret = 'fake-rotating-client-secret-of-today';
  return [
    {
      connection: 'slashid-demo',
      text: 'An outage: the token endpoint of slashid-demo answers 503. You see it retrying, and its reader going on with the token that is there.',
      health: 'retrying',
      begin: () => slashid.tokenEndpoint.failNext({ kind: 'answer', status: 503 }, MANY),
      mend: async () => slashid.tokenEndpoint.clearFaults(),
      mended: 'The endpoint is back.',
    },
    {
      connection: 'rotating-demo',
      text: 'A wrong secret: somebody changed the client secret of rotating-demo at the provider. You see it misconfigured, with what to do, and its old token still working.',
      health: 'misconfigured',
      begin: () => rotating.setClientSecret(anotherSecret),
      mend: () => storeClientSecret(system, anotherSecret),
      mended: 'The new secret was stored, as "evertoken credentials set rotating-demo" does it.',
    },
    {
      connection: 'rotating-demo',
      text: 'A dead refresh token: the provider has forgotten that of rotating-demo. You see that it needs-reauthorization, since only a person can sign in, and it is not sent again and again.',
      health: 'needs-reauthorization',
      begin: () => rotating.killRefreshTokens(),
      mend: async () => {
        const refresh_token = new Secret(await rotating.mintRefreshToken());
        await storeRefreshToken('rotating-demo', { refresh_token }, system.functions.composition.ports);
      },
      mended: 'Somebody signed in again, as "evertoken authorize rotating-demo" does it.',
    },
  ];
}

async function storeClientSecret(
  { endpoint, namespace }: FailuresOptions['system'],
  clientSecret: string,
): Promise<void> {
  const { secretsManager } = createLocalAwsClients(endpoint.url);
  try {
    const value = { ...DEMO_CREDENTIALS['rotating-demo'], client_secret: clientSecret };
    const SecretId = secretName.credentials(namespace, 'rotating-demo');
    await secretsManager.send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(value) }));
  } finally {
    secretsManager.destroy();
  }
}

/** `false` when it does not come to that, or the run is to end. */
async function waitFor(
  options: FailuresOptions,
  connection: string,
  holds: (row: Row) => boolean,
): Promise<boolean> {
  const { clock, signal, tell, lifetimeSeconds } = options;
  const giveUpAt = clock.now() + PATIENCE * lifetimeSeconds * 1000;
  while (!signal.aborted) {
    const row = await rowOf(options, connection);
    if (row && holds(row)) return true;
    if (clock.now() > giveUpAt) {
      tell(
        `${connection} is ${row?.health ?? 'not there'} all the time, which should not be: please report this.`,
      );
      return false;
    }
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
  return false;
}

async function rowOf({ system }: FailuresOptions, connection: string): Promise<Row | undefined> {
  return (await system.rows()).find((row) => row.connection === connection);
}
