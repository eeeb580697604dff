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
    metrics.gauge('ExchangeMilliseconds', 120);
    metrics.gauge('ExchangeMilliseconds', 80);
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
              { Name: 'SoonestExpirySeconds', Unit: 'Seconds' },
              { Name: 'ConnectionsDue', Unit: 'Count' },
              { Name: 'ExchangeMilliseconds', Unit: 'Milliseconds' },
              { Name: 'TokensRefreshed', Unit: 'Count' },
            ],
          },
        ],
      },
      namespace: 'evertoken',
      SoonestExpirySeconds: 900,
      ConnectionsDue: 0,
      ExchangeMilliseconds: [120, 80],
      TokensRefreshed: 3,
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

it('loses none of many values, of which a document holds a hundred', () => {
  const documents = written(() => {
    const metrics = createMetrics({ namespace: 'evertoken' });
    for (let value = 0; value < 250; value += 1) metrics.gauge('ExchangeMilliseconds', value);
    metrics.count('TokensRefreshed', 250);
    metrics.flush();
  });
  const values = documents.flatMap(({ ExchangeMilliseconds }) => ExchangeMilliseconds as number[]);
  expect(values).toEqual(Array.from({ length: 250 }, (_, value) => value));
  expect(documents.at(-1)).toMatchObject({ TokensRefreshed: 250 });
});
