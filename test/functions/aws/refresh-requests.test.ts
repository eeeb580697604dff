import { describe, expect, it } from 'vitest';
import { createRefreshRequests } from '../../../functions/aws/refresh-requests.ts';

function world(answer: string | Error, failed = false) {
  const invoked: unknown[] = [];
  const clients = {
    lambda: async () => ({
      invoke: async (name: string, event: string) => {
        if (answer instanceof Error) throw answer;
        invoked.push(name, JSON.parse(event));
        return { answer, failed };
      },
      destroy: () => undefined,
    }),
  };
  return { invoked, requests: createRefreshRequests({ clients, namespace: 'acme' }) };
}

describe('a request for a refresh', () => {
  it("invokes the namespace's refresh-now and brings its answer", async () => {
    const result = { connection: 'crm', outcome: 'refreshed', error: null };
    const { invoked, requests } = world(JSON.stringify({ results: [result] }));
    expect(await requests.refresh('crm')).toEqual(result);
    expect(invoked).toEqual(['acme-refresh-now', { connections: ['crm'], force: true }]);
  });

  it.each([
    ['failed', '{"errorType":"ConfigError"}', true],
    ['said nothing', '', false],
    ['answered with something else', '[]', false],
  ])('has no answer where the function %s', async (_, answer, failed) => {
    expect(await world(answer, failed).requests.refresh('crm')).toBeUndefined();
  });

  it('that is refused is a StoreError', async () => {
    const denied = Object.assign(new Error('not authorized'), {
      name: 'AccessDeniedException',
      $metadata: { httpStatusCode: 403 },
    });
    await expect(world(denied).requests.refresh('crm')).rejects.toMatchObject({ kind: 'denied' });
  });
});
