import { describe, expect, it } from 'vitest';
import { plainly } from '../../../cli/text/colour.ts';
import { wholeList } from '../../../cli/text/fit-screen.ts';
import { pulseOf } from '../../../cli/text/pulse-text.ts';
import { statusList } from '../../../cli/text/status-list.ts';
import { fleet, NOW, needing, statusAs } from './support/connection-statuses.ts';

const listed = (
  all = fleet(),
  more: { width?: number; registered?: number; notices?: string[]; pulse?: string } = {},
) =>
  wholeList(
    statusList(all, { now: NOW, paint: plainly, registered: all.length, notices: [], pulse: '', ...more }),
  );
const namesIn = (text: string) =>
  text
    .split('\n\n')[0]
    ?.split('\n')
    .slice(1)
    .map((line) => line.split(' ')[0]);
const at = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString();
const TROUBLE = { code: 'x', message: 'It went wrong.', remedy: 'Mend it.' };

describe('the order', () => {
  it('is by need, then by expiry, then by name', () => {
    const all = [
      statusAs('b-well', { expiresAt: at(9) }),
      statusAs('a-well', { expiresAt: at(9) }),
      statusAs('soon', { expiresAt: at(5) }),
      statusAs('paused', { health: 'paused', expiresAt: at(1) }),
      statusAs('tries', { health: 'retrying', expiresAt: at(20), error: TROUBLE }),
      { ...needing('needs-later', TROUBLE), expiresAt: at(-5) },
      { ...needing('needs-first', TROUBLE), expiresAt: at(-50) },
      { ...needing('never-came', TROUBLE), expiresAt: null },
    ];
    expect(namesIn(listed(all))).toEqual([
      ...['never-came', 'needs-first', 'needs-later', 'tries'],
      ...['soon', 'a-well', 'b-well', 'paused'],
    ]);
  });
});

describe('connections with the same trouble', () => {
  it('are one group with one remedy, whatever names and figures stand in it', () => {
    const text = listed();
    expect(text.split('\n')).toHaveLength(304 + 7);
    expect(text).toContain(`
294 connections: invalid_client, for up to 2 days
  crm-000, crm-001, crm-002 and 291 more
  The token endpoint answered HTTP 401 after 0 ms: "CONNECTION" is unknown.
  To do: Store the credentials in "evertoken/credentials/CREDENTIALS" again: evertoken credentials set CREDENTIALS.
`);
    expect(text).not.toContain('set crm-');
  });

  it('are one group, too, where their credentials are called like one of them', () => {
    const remedy = 'Store them: evertoken credentials set crm.';
    const text = listed(['crm', 'erp'].map((name) => needing(name, { ...TROUBLE, remedy })));
    expect(text).toContain(
      `2 connections: x, for up to 60 min\n  crm, erp\n  It went wrong.\n  To do: ${remedy}`,
    );
  });

  it('are one group where each has credentials of its own, whatever these are called', () => {
    const remedy = (of: string) =>
      `Store the credentials in the secret "ns/credentials/${of}"; see evertoken status.`;
    const text = listed(
      ['a', 'b'].map((name) => needing(name, { ...TROUBLE, remedy: remedy(`of/${name}.1`) })),
    );
    expect(text).toContain(
      `2 connections: x, for up to 60 min\n  a, b\n  It went wrong.\n  To do: ${remedy('CREDENTIALS')}`,
    );
  });

  it('are told apart by figures in names, and not by those that stand alone', () => {
    const remedies = [
      'Store creds-1 again.',
      'Store creds-2 again.',
      'Wait until 12:03:05.',
      'Wait until 13:00:00.',
    ];
    const text = listed(remedies.map((remedy, index) => needing(`c${index}`, { ...TROUBLE, remedy })));
    expect(text).toContain('c0: x');
    expect(text).toContain('c1: x');
    expect(text).toContain('2 connections: x, for up to 60 min\n  c2, c3\n');
  });

  it('say in how many other words it was told', () => {
    const told = (name: string, message: string) => needing(name, { ...TROUBLE, message });
    const text = listed([told('a', 'No.'), told('b', 'Never.'), told('c', 'Never.')]);
    expect(text).toContain('  a, b, c\n  Never. (and 1 other wording)\n  To do: Mend it.\n');
  });

  it('are told apart by code, by remedy and by need', () => {
    const groups = [
      needing('a', TROUBLE),
      needing('b', { ...TROUBLE, code: 'y' }),
      needing('c', { ...TROUBLE, remedy: 'Wait.' }),
      statusAs('d', { health: 'retrying', error: TROUBLE }),
    ];
    expect(listed(groups).match(/ {2}To do: /g)).toHaveLength(4);
  });

  it('come before what needs nobody, and the many before the few', () => {
    const text = listed([
      ...['r1', 'r2', 'r3'].map((name) => statusAs(name, { health: 'retrying', error: TROUBLE })),
      needing('one', { ...TROUBLE, code: 'rare' }),
      needing('two', TROUBLE),
      needing('three', TROUBLE),
    ]);
    const at = (part: string) => text.indexOf(part);
    expect(at('2 connections: x')).toBeLessThan(at('one: rare'));
    expect(at('one: rare')).toBeLessThan(at('3 connections: x'));
  });

  it('keep words that only begin or end as the name does', () => {
    const both = ['crm', 'erp'].map((name) =>
      needing(name, {
        ...TROUBLE,
        remedy: `evertoken authorize ${name}; not x-${name} or ${name}-x: ${name}.`,
      }),
    );
    // Of x-crm nothing was replaced, so that the two are told apart.
    expect(listed(both)).toContain('crm: x, for 60 min');
  });

  it('say of new places once for each place', () => {
    const newOrigin = { code: 'new_origin', message: 'm', remedy: 'r' };
    const all = ['a', 'b', 'c', 'd', 'e'].map((name) => statusAs(name, { newOrigin }));
    expect(listed([...all, statusAs('f', { newOrigin, credentialsSentTo: 'https://b.example' })])).toContain(`
New: the credentials of 5 connections (a, b, c and 2 more) go to https://idp.example.com, and nothing forbids another place: evertoken status CONNECTION
New: the credentials of f go to https://b.example, and nothing forbids another place: evertoken status f
`);
  });
});

describe('the summary', () => {
  it('counts by health, the worst first, and says how many need somebody', () => {
    expect(listed().split('\n').at(-1)).toBe(
      '303 connections: 294 misconfigured, 9 healthy; 294 need a human.',
    );
    expect(
      listed([needing('a', TROUBLE)])
        .split('\n')
        .at(-1),
    ).toBe('1 connection: 1 misconfigured; 1 needs a human.');
  });

  it('says of how many these are', () => {
    expect(
      listed([statusAs('a')], { registered: 1_000 })
        .split('\n')
        .at(-1),
    ).toBe('1 of 1,000 connections: 1 healthy; none needs a human.');
    expect(listed([], { registered: 3 })).toBe('0 of 3 connections; none needs a human.');
  });

  it('says when there is none, and what there is to say all the same', () => {
    expect(listed([], { registered: 0, notices: ['A notice.'] })).toBe(
      'A notice.\n\nNo connection is registered yet.',
    );
  });
});

describe('the pulse', () => {
  const tick = { startedAt: NOW - 20_000, endedAt: NOW - 14_000, due: 5, refreshed: 3, failed: 2, left: 0 };

  it('is when the last tick ended, what it did, and what it left', () => {
    expect(pulseOf(tick, NOW, 'evertoken')).toEqual({
      needed: false,
      text: 'Last tick ended 14 s ago: 5 due, 3 refreshed, 2 failed.',
    });
    expect(pulseOf({ ...tick, left: 7 }, NOW, 'evertoken').text).toContain('2 failed, 7 left.');
  });

  it('needs a person when none comes', () => {
    expect(pulseOf({ ...tick, endedAt: NOW - 300_000 }, NOW, 'evertoken').needed).toBe(true);
    const { needed, text } = pulseOf(undefined, NOW, 'evertoken');
    expect(needed).toBe(true);
    expect(text).toMatch(/^No tick has come to its end yet.*\n {2}To do: /);
  });

  it('stands above the summary, whatever else there is no room for', () => {
    expect(listed([statusAs('a')], { pulse: 'Last tick.' })).toMatch(/\n\nLast tick\.\n1 connection: /);
  });
});

describe('the columns', () => {
  const all = [
    { ...needing('books/a-customer', TROUBLE), health: 'needs-reauthorization' as const },
    statusAs('slashid-demo'),
  ];
  const table = (width: number) => listed(all, { width }).split('\n\n')[0]?.split('\n') ?? [];

  it.each([120, 80, 79, 60, 50, 40])('keep within %i columns, heading and all', (width) => {
    for (const line of table(width)) expect(line.length).toBeLessThanOrEqual(width);
    expect(table(width)[0]).toMatch(/^connection +health +expires in/);
  });

  it('leave a name to be known by in 40 of them', () => {
    expect(table(40)).toEqual([
      'connection     health         expires in',
      'books/…stomer  needs-reauth…  expired',
      'slashid-demo   healthy        60 min',
    ]);
  });
});
