/**
 * How long a new refresh token waits between the provider's answer and the request that stores it, with 120
 * connections due at once: at the pace of secret writes that functions keep, and without a pace, in one run.
 */
import {
  type GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { createRefreshTokenStore } from '../functions/aws/secrets/refresh-token-store.ts';
import { createWritePace } from '../functions/aws/secrets/write-pace.ts';
import { systemClock } from '../functions/handlers/system-clock.ts';
import type { Clock } from '../functions/refresh/ports/outside.ts';
import { refreshDue } from '../functions/refresh/refresh-due.ts';
import type { RefreshPorts } from '../functions/refresh/refresh-run.ts';
import { RefreshWorld } from '../test/support/refresh-world.ts';
import type { Benchmark, Figure } from './benchmark.ts';

const CONNECTIONS = 120;
const ROUNDS = { short: 1, full: 4 };
const PER_SECOND = 20;
/** As far as a token endpoint and Secrets Manager are away. */
const ANSWER_MS = 120;
const CALL_MS = 12;

const clock: Clock = systemClock;
const paces = { paced: PER_SECOND, unpaced: 1e9 };
/** Below it one turn of the machine's scheduler is as long as what is measured. */
const FLOOR_MS = 1;
/** A write that took its turn at the pace would wait a thousand times as long. */
const TOLERANCE = 9;

export default {
  about:
    'How long a new refresh token waits between the answer that brought it and the request that stores it.',
  async run({ full, progress }) {
    const rounds = full ? ROUNDS.full : ROUNDS.short;
    const waits: Record<keyof typeof paces, number[]> = { paced: [], unpaced: [] };
    for (let round = 1; round <= rounds; round += 1) {
      progress(`round ${round} of ${rounds}`);
      for (const [name, perSecond] of Object.entries(paces) as [keyof typeof paces, number][]) {
        waits[name].push(...(await measure(perSecond)));
      }
    }
    const told = Object.entries(waits).flatMap(([name, ms]): Figure[] => [
      { name: `${name}: p50`, value: quantile(ms, 0.5), unit: 'ms' },
      { name: `${name}: p99`, value: quantile(ms, 0.99), unit: 'ms' },
      { name: `${name}: most`, value: quantile(ms, 1), unit: 'ms' },
    ]);
    const p99 = (ms: readonly number[]) => Math.max(FLOOR_MS, quantile(ms, 0.99));
    const value = p99(waits.paced) / p99(waits.unpaced);
    const name = 'p99, counted as 1 ms at least: paced, unpaced = 1';
    return [{ name, value, unit: 'ratio', tolerance: TOLERANCE }, ...told];
  },
} satisfies Benchmark;

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
}

/** Milliseconds from each answer to the request that stores what it brought. */
async function measure(perSecond: number): Promise<number[]> {
  const world = new RefreshWorld();
  world.clock.advance(Date.now() - world.clock.now());
  const answeredAt = new Map<string, number>();
  const waited: number[] = [];
  const versions = new Map<string, { VersionId: string; SecretString: string; CreatedDate: Date }[]>();
  const client = {
    async send(command: unknown) {
      if (command instanceof PutSecretValueCommand) {
        const { SecretId = '', ClientRequestToken: VersionId = '', SecretString = '' } = command.input;
        const list = versions.get(SecretId) ?? [];
        const answered = answeredAt.get(SecretString.match(/"refresh_token":"([^"]*)"/)?.[1] ?? '');
        const isNew = !list.some((version) => version.VersionId === VersionId);
        if (answered !== undefined && isNew) waited.push(performance.now() - answered);
        await clock.sleep(CALL_MS);
        if (isNew) versions.set(SecretId, [...list, { VersionId, SecretString, CreatedDate: new Date() }]);
        return { VersionStages: ['AWSCURRENT'] };
      }
      const { SecretId = '', VersionId } = (command as GetSecretValueCommand).input;
      await clock.sleep(CALL_MS);
      const list = versions.get(SecretId) ?? [];
      const found = VersionId ? list.find((version) => version.VersionId === VersionId) : list.at(-1);
      if (!found) throw Object.assign(new Error('not found'), { name: 'ResourceNotFoundException' });
      return { ...found, VersionStages: found === list.at(-1) ? ['AWSCURRENT'] : [] };
    },
  } as unknown as SecretsManagerClient;
  const store = createRefreshTokenStore({
    client,
    namespace: 'evertoken',
    pace: createWritePace({ perSecond, clock }),
  });
  const base = world.ports({ clock });
  const ports: RefreshPorts = {
    ...base,
    refreshTokens: store,
    tokenEndpoint: {
      ...base.tokenEndpoint,
      exchange: async (input) => {
        await clock.sleep(ANSWER_MS);
        const exchange = { ...world.provider.exchange(input), requestedAt: clock.now() };
        answeredAt.set(exchange.token.refresh_token?.reveal() ?? '', performance.now());
        return exchange;
      },
    },
  };
  for (let index = 0; index < CONNECTIONS; index += 1) {
    const name = `c${index}`;
    await world.connect(name, { tokenUrl: `https://idp-${index % 20}.example.com/token` });
    const SecretString = JSON.stringify({
      schema: 1,
      refresh_token: world.provider.authorize(),
      obtained_at: 1,
    });
    versions.set(`evertoken/refresh-tokens/${name}`, [
      { VersionId: world.random.uuid(), SecretString, CreatedDate: new Date() },
    ]);
  }
  const { results } = await refreshDue({ functionEndsAt: clock.now() + 300_000 }, ports);
  const failed = results.find(({ outcome }) => outcome !== 'refreshed');
  if (failed || waited.length !== CONNECTIONS)
    throw new Error(`${waited.length} writes; ${JSON.stringify(failed)}`);
  return waited;
}
