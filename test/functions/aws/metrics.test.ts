import { afterEach, expect, it, vi } from 'vitest';
import { createMetrics } from '../../../functions/aws/metrics.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** The JSON documents that `run` writes to standard output. */
function written(run: () => void): Record<string, unknown>[] {
  const lines: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    lines.push(String(chunk));
    return true;
  });
  run();
  return lines
    .join('')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

it('writes counts and gauges with the namespace as their only dimension', () => {
  const documents = written(() => {
    const metrics = createMetrics({ namespace: 'evertoken' });
    metrics.count('TokensRefreshed');
    metrics.count('TokensRefreshed', 2);
    metrics.gauge('SoonestExpirySeconds', 900);
    metrics.gauge('ConnectionsDue', 0);
    metrics.flush();
  });
  expect(documents).toEqual([
    {
      _aws: {
        Timestamp: expect.any(Number),
        CloudWatchMetrics: [
          {
            Namespace: 'Evertoken',
            Dimensions: [['namespace']],
            Metrics: [
              { Name: 'TokensRefreshed', Unit: 'Count' },
              { Name: 'SoonestExpirySeconds', Unit: 'Seconds' },
              { Name: 'ConnectionsDue', Unit: 'Count' },
            ],
          },
        ],
      },
      namespace: 'evertoken',
      TokensRefreshed: [1, 2],
      SoonestExpirySeconds: 900,
      ConnectionsDue: 0,
    },
  ]);
});

it('writes nothing when nothing was counted, and keeps its dimension from one flush to the next', () => {
  const documents = written(() => {
    const metrics = createMetrics({ namespace: 'evertoken' });
    metrics.flush();
    for (let times = 0; times < 2; times += 1) {
      metrics.count('RescuesWritten');
      metrics.flush();
      metrics.flush();
    }
  });
  expect(documents).toHaveLength(2);
  for (const document of documents)
    expect(document).toMatchObject({ namespace: 'evertoken', RescuesWritten: 1 });
});
