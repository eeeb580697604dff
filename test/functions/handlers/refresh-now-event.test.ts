import { describe, expect, it } from 'vitest';
import { readRefreshNowEvent } from '../../../functions/handlers/refresh-now-event.ts';

const read = (event: unknown) => readRefreshNowEvent(event, 'evertoken');

describe('what refresh-now is asked', () => {
  it.each([
    ['nothing', undefined],
    ['no names', { connections: [] }],
    ['a name that is none', { connections: [7] }],
    ['an unknown key', { connections: ['crm'], forced: true }],
    ['too many names', { connections: Array.from({ length: 101 }, (_, index) => `c${index}`) }],
  ])('refuses %s, saying what it takes', (_, event) => {
    expect(() => read(event)).toThrow(/expected \{"connections": \[1 to 100 names\]/);
  });

  it('does not force a direct call that does not say so', () => {
    expect(read({ connections: ['crm'] })).toEqual({ kind: 'refresh', connections: ['crm'], force: false });
  });

  it('forces what an event asks for, in its own namespace alone', () => {
    const event = (namespace: string) => ({
      source: 'my.app',
      'detail-type': 'Refresh Requested',
      detail: { namespace, connections: ['crm'] },
    });
    expect(read(event('evertoken'))).toMatchObject({ kind: 'refresh', connections: ['crm'], force: true });
    expect(read(event('other'))).toEqual({ kind: 'ignore' });
  });

  it('registers a connection whose declaration was written, and nothing else', () => {
    const event = (name: string, operation: string) => ({
      source: 'aws.ssm',
      'detail-type': 'Parameter Store Change',
      detail: { name, operation, type: 'String' },
    });
    expect(read(event('/evertoken/connections/books/acme', 'Create'))).toEqual({
      kind: 'register',
      connection: 'books/acme',
    });
    expect(read(event('/evertoken/connections/crm', 'Delete'))).toEqual({ kind: 'ignore' });
    expect(read(event('/evertoken-b/connections/crm', 'Update'))).toEqual({ kind: 'ignore' });
    expect(read(event('/evertoken/rescue/crm', 'Update'))).toEqual({ kind: 'ignore' });
  });
});
