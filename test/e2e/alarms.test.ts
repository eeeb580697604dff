import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WRITTEN_ALWAYS } from '../../infra/constructs/deployment-metrics.ts';
import { AwsError } from '../../local/aws/wire/error-answer.ts';
import { type AlarmDefinition, EvaluatedAlarm, WrittenMetrics } from '../support/alarm-evaluation.ts';
import { TestAws } from '../support/aws.ts';
import { ComposedRefresher } from '../support/composed-refresher.ts';
import { LeapingClock } from '../support/leaping-clock.ts';
import { resourcesOf, synthesise } from '../support/synthesised.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** How late an alarm may be. */
const LATE = 2 * MINUTE;

const shortLived = {
  tokenUrl: 'https://idp.example.com/token',
  credentials: 'a',
  grants: ['client_credentials'],
  publishTo: 'parameter',
};
// CloudFormation's rules look at this app in test/infra/cdk-nag.test.ts.
process.env['CDK_VALIDATION'] = 'false';
const { refresh: template } = synthesise({ connections: { minutes: shortLived } });
const definitions = Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm')).map(
  ({ Properties }) => Properties as unknown as AlarmDefinition,
);

let aws: TestAws;
let clock: LeapingClock;
let scene: Scene;

beforeAll(async () => {
  clock = new LeapingClock();
  aws = await TestAws.startDirect(clock);
});
beforeEach(async () => {
  aws.endpoint.inject = undefined;
  scene = new Scene(await ComposedRefresher.start(aws, clock));
  // Nothing is known of the ticks before the first.
  await scene.passes(10 * MINUTE);
  scene.changes.length = 0;
  return () => scene.refresher[Symbol.asyncDispose]();
});
afterAll(() => aws[Symbol.asyncDispose]());

/** The functions as their schedules run them, and the deployment's alarms beside them. */
class Scene {
  readonly refresher: ComposedRefresher;
  readonly metrics = new WrittenMetrics();
  /** When each alarm went off and was over, minute by minute. */
  readonly changes: { readonly name: string; readonly state: string; readonly at: number }[] = [];
  readonly #alarms: readonly EvaluatedAlarm[];
  /** Whether ticks are invoked, and what AWS says of its queues. */
  schedule: 'on' | 'off' = 'on';
  queued: Readonly<Record<string, number>> = {};
  #read = 0;
  #reconciledAt = 0;

  constructor(refresher: ComposedRefresher) {
    this.refresher = refresher;
    this.#alarms = definitions.map(
      (definition) => new EvaluatedAlarm(definition, this.metrics, (watched) => this.#keyOf(watched)),
    );
  }

  /** Lets time pass, a minute at a time. */
  async passes(ms: number): Promise<void> {
    for (const end = clock.now() + ms; clock.now() < end; ) await this.#minute();
  }

  /** Lets time pass until an alarm is in a state; answers with when it was seen to be. */
  async until(name: string, state: 'OK' | 'ALARM', most = 3 * HOUR): Promise<number> {
    const end = clock.now() + most;
    const from = clock.now();
    while (this.#alarm(name).state !== state) {
      if (clock.now() >= end)
        throw new Error(`${name} never came to be ${state}: ${JSON.stringify(this.changes)}`);
      await this.#minute();
    }
    return this.changes.findLast((change) => change.name === name)?.at ?? from;
  }

  /** The alarms that have gone off so far. */
  get wentOff(): readonly string[] {
    return [...new Set(this.changes.filter(({ state }) => state === 'ALARM').map(({ name }) => name))].sort();
  }

  async #minute(): Promise<void> {
    for (const alarm of this.#alarms) {
      const before = alarm.state;
      alarm.evaluate(clock.now());
      if (alarm.state !== before) {
        this.changes.push({ name: shortName(alarm.name), state: alarm.state, at: clock.now() });
      }
    }
    if (this.schedule === 'on') await this.invoke('RefreshDue', () => this.refresher.tick());
    if (this.schedule === 'on' && clock.now() - this.#reconciledAt >= HOUR) {
      this.#reconciledAt = clock.now();
      await this.invoke('Reconcile', () => this.refresher.reconcile());
    }
    for (const [queue, messages] of Object.entries(this.queued)) {
      this.metrics.add(`AWS/SQS ApproximateNumberOfMessagesVisible ${queue}`, clock.now(), messages);
    }
    clock.advance(MINUTE - (clock.now() % MINUTE));
  }

  /** Runs a function as Lambda does, which counts whether it failed. */
  async invoke(name: string, run: () => Promise<unknown>): Promise<void> {
    const failed = await run().then(
      () => 0,
      () => 1,
    );
    const { printed } = this.refresher;
    this.metrics.addPrinted(printed.slice(this.#read), clock.now());
    this.#read = printed.length;
    this.metrics.add(`AWS/Lambda Errors ${name}`, clock.now(), failed);
  }

  #alarm(name: string): EvaluatedAlarm {
    const found = this.#alarms.find((alarm) => shortName(alarm.name) === name);
    if (found === undefined) throw new Error(`there is no alarm "${name}"`);
    return found;
  }

  /** What AWS counts itself is known by the function or the queue that its dimension refers to. */
  #keyOf({
    Namespace,
    MetricName,
    Dimensions,
  }: Parameters<ConstructorParameters<typeof EvaluatedAlarm>[2]>[0]) {
    const text = JSON.stringify(Dimensions);
    const [, owner] = /"Refresher(RefreshDue|RefreshNow|Reconcile|DeadLetterQueue|WakeUps)/.exec(text) ?? [];
    return [Namespace, MetricName, owner ?? `namespace=${this.refresher.namespace}`].join(' ');
  }
}

const shortName = (name: string) => name.replace('evertoken-', '');

const denied = { before: new AwsError('AccessDeniedException', 'no') };

/** Refuses calls of an operation. */
function refuse(operation: string, only: (resource: string | undefined) => boolean = () => true): void {
  aws.endpoint.inject = (_, called, resource) =>
    called === operation && only(resource) ? denied : undefined;
}

/** Lets time pass until the token is about to be refreshed. */
async function untilDue(): Promise<void> {
  const { dueAt } = await scene.refresher.state();
  await scene.passes(Math.max(0, dueAt - clock.now() - MINUTE));
}

describe('alarms', () => {
  it('are silent for hours of refreshes, and for one failure that is tried again', async () => {
    await untilDue();
    await scene.passes(10 * MINUTE);
    await untilDue();
    const { generation } = await scene.refresher.state();
    scene.refresher.endpoint.breakWith(({ response }) => {
      scene.refresher.endpoint.repair();
      response.writeHead(429, { 'content-type': 'application/json' }).end('{"error":"slow_down"}');
    });
    await scene.passes(HOUR / 2);
    expect((await scene.refresher.state()).generation).toBeGreaterThan(generation);
    expect((await scene.refresher.state()).recent?.map(([, what]) => what)).toContain('f');
    expect(scene.changes).toEqual([]);
  }, 60_000);

  it('tell of a token that expires within 5 minutes, then of the need for a person, and are over with the outage', async () => {
    await untilDue();
    scene.refresher.endpoint.break('403');
    const { expiresAt = 0 } = await scene.refresher.state();
    const wentOffAt = await scene.until('token-expires', 'ALARM');
    expect(wentOffAt).toBeGreaterThanOrEqual(expiresAt - 5 * MINUTE);
    expect(wentOffAt).toBeLessThanOrEqual(expiresAt - 5 * MINUTE + LATE);
    const neededAt = await scene.until('connections-need-attention', 'ALARM');
    const { needAt = 0 } = await scene.refresher.state();
    expect(needAt).toBeLessThanOrEqual(expiresAt + 10 * MINUTE);
    expect(neededAt - needAt).toBeLessThanOrEqual(LATE);
    scene.refresher.endpoint.repair();
    await scene.invoke('RefreshNow', () => scene.refresher.refresh({ force: true }));
    const mendedAt = clock.now();
    expect((await scene.until('token-expires', 'OK')) - mendedAt).toBeLessThanOrEqual(LATE);
    expect((await scene.until('connections-need-attention', 'OK')) - mendedAt).toBeLessThanOrEqual(LATE);
    await scene.passes(10 * MINUTE);
    expect(scene.wentOff).toEqual(['connections-need-attention', 'token-expires']);
    expect(scene.changes).toHaveLength(4);
  }, 60_000);

  it('tell at once of a connection that needs a person, and are over once the person was there', async () => {
    await scene.passes(5 * MINUTE);
    const { endpoint } = scene.refresher;
    const { refreshToken } = await scene.refresher.stored();
    endpoint.revoke(refreshToken);
    await untilDue();
    await scene.passes(3 * MINUTE);
    const { lastErrorAt = 0, lastOutcome } = await scene.refresher.state();
    expect(lastOutcome).toBe('needs-reauthorization');
    const wentOffAt = scene.changes.find(({ name }) => name === 'connections-need-attention')?.at ?? 0;
    expect(wentOffAt - lastErrorAt).toBeLessThanOrEqual(LATE);
    await scene.refresher.authorize();
    await scene.until('connections-need-attention', 'OK', 10 * MINUTE);
    expect(scene.wentOff).toEqual(['connections-need-attention']);
  }, 60_000);

  it('tell after 5 minutes that no tick comes, and are over with the first', async () => {
    scene.schedule = 'off';
    const silentSince = clock.now();
    const wentOffAt = await scene.until('no-ticks', 'ALARM');
    expect(wentOffAt - silentSince).toBeGreaterThanOrEqual(4 * MINUTE);
    expect(wentOffAt - silentSince).toBeLessThanOrEqual(5 * MINUTE + LATE);
    await scene.passes(20 * MINUTE);
    scene.schedule = 'on';
    const onAgainAt = clock.now();
    expect((await scene.until('no-ticks', 'OK')) - onAgainAt).toBeLessThanOrEqual(LATE);
    expect(scene.wentOff).toEqual(['no-ticks']);
  }, 60_000);

  it('tell that ticks fail, since what fails comes to no end either', async () => {
    refuse('Query');
    const failsSince = clock.now();
    expect((await scene.until('refresh-due-fails', 'ALARM')) - failsSince).toBeLessThanOrEqual(
      3 * MINUTE + LATE,
    );
    expect((await scene.until('no-ticks', 'ALARM')) - failsSince).toBeLessThanOrEqual(5 * MINUTE + LATE);
    aws.endpoint.inject = undefined;
    await scene.until('no-ticks', 'OK', LATE);
    await scene.until('refresh-due-fails', 'OK', 10 * MINUTE);
    expect(scene.wentOff).toEqual(['no-ticks', 'refresh-due-fails']);
  }, 60_000);

  it.each([
    ['refresh-now-fails', 'RefreshNow', () => scene.refresher.refresh(), 'UpdateItem'],
    ['reconcile-fails', 'Reconcile', () => scene.refresher.reconcile(), 'Query'],
  ] as const)(
    'tell by %s of three failures',
    async (alarm, name, run, operation) => {
      for (let failures = 1; failures <= 3; failures += 1) {
        refuse(operation);
        await scene.invoke(name, run);
        aws.endpoint.inject = undefined;
        await scene.passes(2 * MINUTE);
        expect(scene.wentOff).toEqual(failures < 3 ? [] : [alarm]);
      }
      await scene.until(alarm, 'OK', 4 * HOUR);
      expect(scene.wentOff).toEqual([alarm]);
    },
    60_000,
  );

  it('are silent for tokens of five minutes that are refreshed as planned, and tell of the first that is not', async () => {
    await using refresher = await ComposedRefresher.start(aws, clock, {
      connection: { grants: ['client_credentials'], publishTo: 'parameter', marginSeconds: 150 },
    });
    const minutes = new Scene(refresher);
    const { endpoint } = refresher;
    endpoint.breakWith(({ response, answer }) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ...answer(), expires_in: 300 }));
    });
    await refresher.refresh({ force: true });
    await minutes.passes(10 * MINUTE);
    minutes.changes.length = 0;
    await minutes.passes(HOUR);
    expect((await refresher.state()).publishedTo).toBe('parameter');
    expect(minutes.changes).toEqual([]);
    endpoint.break('403');
    const wentOffAt = await minutes.until('token-expires', 'ALARM', 10 * MINUTE);
    const { expiresAt = 0 } = await refresher.state();
    expect(wentOffAt - (expiresAt - 30 * SECOND)).toBeLessThanOrEqual(LATE);
  }, 60_000);

  it('tell of a rescue at once', async () => {
    await untilDue();
    const { versionId } = await scene.refresher.stored();
    // The proof is taken, what is new is not, until it lies in the rescue.
    let writes = 0;
    aws.endpoint.inject = (_, operation, resource) => {
      if (operation === 'PutParameter') aws.endpoint.inject = undefined;
      if (operation !== 'PutSecretValue' || !resource?.includes('refresh-tokens')) return undefined;
      writes += 1;
      return writes === 1 ? undefined : denied;
    };
    const wentOffAt = await scene.until('refresh-token-rescued', 'ALARM', 10 * MINUTE);
    const { obtainedAt = 0 } = await scene.refresher.state();
    expect(wentOffAt - obtainedAt).toBeLessThanOrEqual(LATE);
    await scene.until('refresh-token-rescued', 'OK', HOUR);
    expect(await scene.refresher.rescue()).toBeUndefined();
    expect((await scene.refresher.stored()).versionId).not.toBe(versionId);
    expect(scene.wentOff).toEqual(['refresh-token-rescued']);
  }, 60_000);

  it('tell of a refresh token that ends in less than 14 days, and is not moved by refreshing', async () => {
    const endsAt = clock.now() + 14 * DAY + 2.5 * HOUR;
    scene.refresher.endpoint.breakWith(({ response, answer, now }) => {
      const refresh_token_expires_in = Math.floor((endsAt - now) / 1000);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ...answer(), refresh_token_expires_in }));
    });
    const wentOffAt = await scene.until('refresh-token-ends', 'ALARM', 4 * HOUR);
    expect(Math.abs(wentOffAt - (endsAt - 14 * DAY))).toBeLessThanOrEqual(LATE);
    scene.refresher.endpoint.repair();
    await scene.refresher.authorize();
    await scene.until('refresh-token-ends', 'OK', 3 * HOUR);
    expect(scene.wentOff).toEqual(['refresh-token-ends']);
  }, 60_000);

  it.each([
    ['undelivered-events', 'DeadLetterQueue', 1],
    ['wake-ups-wait', 'WakeUps', 5],
  ] as const)(
    'tell by %s of what lies in a queue',
    async (alarm, queue, minutes) => {
      scene.queued = { [queue]: 0 };
      await scene.passes(10 * MINUTE);
      scene.queued = { [queue]: 2 };
      const since = clock.now();
      expect((await scene.until(alarm, 'ALARM')) - since).toBeLessThanOrEqual(minutes * MINUTE + LATE);
      scene.queued = { [queue]: 0 };
      const takenAt = clock.now();
      expect((await scene.until(alarm, 'OK')) - takenAt).toBeLessThanOrEqual(minutes * MINUTE + LATE);
      expect(scene.wentOff).toEqual([alarm]);
    },
    60_000,
  );

  it('are all provoked here', async () => {
    const provoked = [
      'connections-need-attention',
      'no-ticks',
      'reconcile-fails',
      'refresh-due-fails',
      'refresh-now-fails',
      'refresh-token-ends',
      'refresh-token-rescued',
      'token-expires',
      'undelivered-events',
      'wake-ups-wait',
    ];
    expect(definitions.map(({ AlarmName }) => shortName(AlarmName)).sort()).toEqual(provoked);
  });
});

it('the functions write what alarms and dashboard look at, and few dimensions', async () => {
  await scene.passes(1.25 * HOUR);
  const written = scene.metrics.names.filter((name) => name.startsWith('Evertoken '));
  for (const name of written)
    expect(name).toBe(`${name.split(' ', 2).join(' ')} namespace=${scene.refresher.namespace}`);
  expect(written.map((name) => name.split(' ')[1]).sort()).toEqual([...WRITTEN_ALWAYS]);
}, 60_000);
