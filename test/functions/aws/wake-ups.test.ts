import { describe, expect, it } from 'vitest';
import { createWakeUps } from '../../../functions/aws/wake-ups.ts';

const NOW = Date.UTC(2026, 0, 1);
const QUEUE = 'https://sqs.eu-central-1.amazonaws.com/111122223333/evertoken-wake-ups';

function world({ queueUrl, fails }: { readonly queueUrl: string | undefined; readonly fails?: Error }) {
  const sent: unknown[] = [];
  let loaded = 0;
  const clients = {
    sqs: async () => {
      loaded += 1;
      return {
        sendMessage: async (input: unknown) => {
          if (fails) throw fails;
          sent.push(input);
        },
        destroy: () => undefined,
      };
    },
  };
  const wakeUps = createWakeUps({ clients, queueUrl, clock: { now: () => NOW } });
  return { wakeUps, sent, loaded: () => loaded };
}

describe('a wake-up', () => {
  it.each([
    [0, 0],
    [1, 1],
    [74_001, 75],
    [900_000, 900],
  ])('in %i ms is a message that is delayed by %i s, never too early', async (inMs, DelaySeconds) => {
    const { wakeUps, sent } = world({ queueUrl: QUEUE });
    await wakeUps.at('crm', NOW + inMs);
    expect(sent).toEqual([{ QueueUrl: QUEUE, MessageBody: '{"connection":"crm"}', DelaySeconds }]);
  });

  it.each([
    ['too far away for a message', NOW + 901_000, QUEUE],
    ['in the past, where the next tick has it', NOW - 1_000, QUEUE],
    ['for what no queue is deployed', NOW + 1_000, undefined],
  ])('that is %s is none, and loads nothing', async (_, dueAt, queueUrl) => {
    const { wakeUps, sent, loaded } = world({ queueUrl });
    await wakeUps.at('crm', dueAt);
    expect([sent, loaded()]).toEqual([[], 0]);
  });

  it('that AWS does not take is a StoreError', async () => {
    const throttled = Object.assign(new Error('Rate exceeded'), {
      name: 'ThrottlingException',
      $metadata: {},
    });
    await expect(world({ queueUrl: QUEUE, fails: throttled }).wakeUps.at('crm', NOW)).rejects.toMatchObject({
      name: 'StoreError',
      kind: 'transient',
    });
  });
});
