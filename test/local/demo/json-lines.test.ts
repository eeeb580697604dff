import { expect, it } from 'vitest';
import { jsonLine, typeOfDetail } from '../../../local/demo/json-lines.ts';

it('writes one event a line, the instant first', () => {
  const line = jsonLine({ type: 'refreshed', connection: 'demo', expiresAt: null }, Date.UTC(2030, 0, 1));
  expect(line).toBe(
    '{"at":"2030-01-01T00:00:00.000Z","type":"refreshed","connection":"demo","expiresAt":null}\n',
  );
});

it.each([
  ['Token Refreshed', 'refreshed'],
  ['Refresh Failed', 'refresh-failed'],
  ['Connection Needs Attention', 'needs-attention'],
  ['Connection Recovered', 'recovered'],
  ['Refresh Token Expiring', 'refresh-token-expiring'],
  ['Token Moved', 'token-moved'],
  ['Refresh Requested', undefined],
  ['toString', undefined],
])('%s is %s', (detailType, type) => {
  expect(typeOfDetail(detailType)).toBe(type);
});
