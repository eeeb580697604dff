import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Connection } from '../../functions/connections/connection.ts';
import { definitionDigest } from '../../functions/connections/definition-digest.ts';
import type { StateChange } from '../../functions/refresh/connection-state.ts';
import type { LeaseRequest, StateTable } from '../../functions/refresh/ports/state-table.ts';
import { StoreError } from '../../functions/refresh/ports/stores.ts';
import { collect } from './collect.ts';

const NOW = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;

const CRM: Connection = { provider: 'kajabi', credentials: 'kajabi-main' };
const SEND = { attempt: 'second', versionId: 'version-2', at: NOW, sends: 1 };
const CHANGED: Connection = { ...CRM, scope: 'contacts.read' };

function request(owner: string, overrides: Partial<LeaseRequest> = {}): LeaseRequest {
  const now = overrides.now ?? NOW;
  return { owner, now, endsAt: now + 2 * MINUTE, attempt: randomUUID(), force: false, ...overrides };
}

/** What every state table does, whatever keeps it. `open` answers with an empty one. */
export function describeStateTable(title: string, open: () => Promise<StateTable>): void {
  describe(title, () => {
    describe('lease', () => {
      it('answers unknown for a connection that is not registered', async () => {
        const table = await open();
        expect(await table.lease('crm', request('a'))).toEqual({ kind: 'unknown' });
      });

      it('answers not-due, with the state, until the due instant', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW + 1);
        expect(await table.lease('crm', request('a'))).toMatchObject({
          kind: 'not-due',
          state: { name: 'crm', dueAt: NOW + 1 },
        });
        expect(await table.lease('crm', request('a', { now: NOW + 1 }))).toMatchObject({ kind: 'acquired' });
      });

      it('is acquired before the due instant when forced', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW + MINUTE);
        expect(await table.lease('crm', request('a', { force: true }))).toMatchObject({ kind: 'acquired' });
      });

      it('returns the whole state with owner, end and a fresh attempt', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        const asked = request('a');
        expect(await table.lease('crm', asked)).toEqual({
          kind: 'acquired',
          state: {
            name: 'crm',
            schema: 1,
            definition: CRM,
            dueAt: NOW,
            queuedAt: NOW,
            generation: 0,
            failures: 0,
            writesByHour: {},
            leaseOwner: 'a',
            leaseEndsAt: asked.endsAt,
            attempt: asked.attempt,
            attemptAt: NOW,
            needAt: expect.any(Number),
            watchAt: expect.any(Number),
          },
        });
      });

      it('answers busy, with the state, while another holds it, forced or not', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        await table.lease('crm', request('a'));
        for (const force of [false, true]) {
          expect(await table.lease('crm', request('b', { force }))).toMatchObject({
            kind: 'busy',
            state: { leaseOwner: 'a' },
          });
        }
      });

      it('goes to exactly one of many that ask at once', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        const owners = Array.from({ length: 8 }, (_, index) => `owner-${index}`);
        const answers = await Promise.all(owners.map((owner) => table.lease('crm', request(owner))));
        expect(answers.filter(({ kind }) => kind === 'acquired')).toHaveLength(1);
        expect(answers.filter(({ kind }) => kind === 'busy')).toHaveLength(7);
      });

      it('passes to another at the instant it ends, and not before', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        await table.lease('crm', request('a', { endsAt: NOW + 100 }));
        expect(await table.lease('crm', request('b', { now: NOW + 99 }))).toMatchObject({ kind: 'busy' });
        expect(await table.lease('crm', request('b', { now: NOW + 100 }))).toMatchObject({
          kind: 'acquired',
        });
      });

      it('asked for twice by its owner is the same lease with the same attempt', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        const asked = request('a');
        await table.lease('crm', asked);
        expect(await table.lease('crm', asked)).toMatchObject({
          kind: 'acquired',
          state: { attempt: asked.attempt, attemptAt: NOW },
        });
      });

      it('keeps an attempt that was left open, with its instant', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        const dead = request('dead');
        await table.lease('crm', dead);
        const later = NOW + 5 * MINUTE;
        expect(await table.lease('crm', request('b', { now: later }))).toMatchObject({
          kind: 'acquired',
          state: { attempt: dead.attempt, attemptAt: NOW, leaseOwner: 'b' },
        });
      });
    });

    describe('a lease on a paused connection', () => {
      it('is had by who asks for it, to change what it has', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        await table.setPaused('crm', true, NOW);
        expect(await table.lease('crm', request('a'))).toMatchObject({ kind: 'paused' });
        const asked = request('a', { evenPaused: true, force: true });
        expect(await table.lease('crm', asked)).toMatchObject({ kind: 'acquired' });
        expect(await table.lease('crm', request('b', { evenPaused: true, force: true }))).toMatchObject({
          kind: 'busy',
        });
        expect(await table.setPaused('crm', false, NOW)).toBe(false);
        expect(await table.commit('crm', 'a', { attempt: null, attemptAt: null })).toBe(true);
        expect(await table.get('crm')).toMatchObject({ paused: true });
      });
    });

    describe('the attempt of a lease', () => {
      it('is noted with the instant at which it is sent at the latest', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        await table.lease('crm', request('a', { attemptAt: NOW + 50_000 }));
        expect(await table.get('crm')).toMatchObject({ attemptAt: NOW + 50_000 });
      });
    });

    describe('notices that are untold', () => {
      const untold = {
        untold: ['Connection Recovered'],
        dueAfterTold: NOW + 50 * MINUTE,
        dueAt: NOW + MINUTE,
      };
      const committed = async (change = {}) => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        await table.lease('crm', request('a'));
        await table.commit('crm', 'a', { ...untold, ...change });
        return table;
      };

      it('give way to the due instant of the token once they are told', async () => {
        const table = await committed();
        await table.told('crm', NOW + 50 * MINUTE);
        const state = await table.get('crm');
        expect(state).toMatchObject({ dueAt: NOW + 50 * MINUTE });
        expect(state).not.toHaveProperty('untold');
        expect(state).not.toHaveProperty('dueAfterTold');
      });

      it('stay when others came since', async () => {
        const table = await committed({ dueAfterTold: NOW + 51 * MINUTE });
        await table.told('crm', NOW + 50 * MINUTE);
        expect(await table.get('crm')).toMatchObject({ untold: untold.untold, dueAt: NOW + MINUTE });
      });

      it('stay while a refresh is under way', async () => {
        const table = await committed();
        await table.lease('crm', request('b', { now: NOW + MINUTE }));
        await table.told('crm', NOW + 50 * MINUTE);
        expect(await table.get('crm')).toMatchObject({ untold: untold.untold, leaseOwner: 'b' });
      });
    });

    describe('resuming', () => {
      const refused = {
        refusedRefreshTokenVersionId: 'version-1',
        refusedUnder: 'these',
        refusedAt: NOW,
        refusals: 2,
        lastOutcome: 'needs-reauthorization',
        lastErrorCode: 'invalid_grant',
        dueAt: NOW + 60 * MINUTE,
      } as const;
      const paused = async (change = {}) => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        await table.lease('crm', request('a'));
        await table.commit('crm', 'a', { ...refused, ...change });
        await table.setPaused('crm', true, NOW);
        return table;
      };

      it('forgets what was refused, and has it tried at once', async () => {
        const table = await paused();
        expect(await table.setPaused('crm', false, NOW + MINUTE)).toBe(true);
        const state = await table.get('crm');
        expect(state).toMatchObject({ dueAt: NOW + MINUTE, lastOutcome: 'retry-later' });
        expect(state).not.toHaveProperty('refusedRefreshTokenVersionId');
        expect(state).not.toHaveProperty('refusedUnder');
        expect(state).not.toHaveProperty('refusals');
      });

      it('leaves a connection that is well its due instant', async () => {
        const table = await paused({ lastOutcome: 'refreshed' });
        await table.setPaused('crm', false, NOW + MINUTE);
        expect(await table.get('crm')).toMatchObject({ dueAt: NOW + 60 * MINUTE, lastOutcome: 'refreshed' });
      });

      it('does not forget what was revoked here', async () => {
        const table = await paused({ lastErrorCode: 'revoked' });
        await table.setPaused('crm', false, NOW + MINUTE);
        expect(await table.get('crm')).toMatchObject({ refusedRefreshTokenVersionId: 'version-1' });
      });
    });

    describe('what became due since', () => {
      it('is told apart from what was due before', async () => {
        const table = await open();
        await table.register('early', CRM, NOW);
        await table.register('late', CRM, NOW + MINUTE);
        const names = async (after?: number) =>
          (await collect(table.due(NOW + MINUTE, after === undefined ? {} : { after }))).map(
            ({ name }) => name,
          );
        expect(await names()).toEqual(['early', 'late']);
        expect(await names(NOW + 1)).toEqual(['late']);
      });
    });

    describe('openAttempt', () => {
      it('replaces the attempt under the lease, also when repeated', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        await table.lease('crm', request('a'));
        for (let times = 0; times < 2; times += 1) {
          expect(await table.openAttempt('crm', 'a', { ...SEND, at: NOW + 5 })).toBe(true);
        }
        expect(await table.get('crm')).toMatchObject({ attempt: 'second', attemptAt: NOW + 5 });
      });

      it('writes down which version is sent, and how often it was', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        await table.lease('crm', request('a'));
        expect(await table.openAttempt('crm', 'a', { ...SEND, sends: 2 })).toBe(true);
        expect(await table.get('crm')).toMatchObject({
          refreshTokenVersionId: SEND.versionId,
          unansweredSends: 2,
        });
      });

      it('is refused without the lease', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        const asked = request('a');
        await table.lease('crm', asked);
        expect(await table.openAttempt('crm', 'b', SEND)).toBe(false);
        expect(await table.get('crm')).toMatchObject({ attempt: asked.attempt });
      });
    });

    describe('commit', () => {
      it('sets values, removes what is null, leaves the rest and releases the lease', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        await table.lease('crm', request('a'));
        const change = {
          dueAt: NOW + 50 * MINUTE,
          generation: 1,
          tokenVersionId: 'token-1',
          writesByHour: { '490000': 1 },
          lastOutcome: 'refreshed',
          attempt: null,
          attemptAt: null,
        } as const;
        expect(await table.commit('crm', 'a', change)).toBe(true);
        expect(await table.get('crm')).toEqual({
          name: 'crm',
          schema: 1,
          definition: CRM,
          dueAt: NOW + 50 * MINUTE,
          queuedAt: NOW,
          generation: 1,
          failures: 0,
          tokenVersionId: 'token-1',
          writesByHour: { '490000': 1 },
          lastOutcome: 'refreshed',
          needAt: expect.any(Number),
          watchAt: expect.any(Number),
        });
      });

      it('keeps the connection in the queue', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        await table.lease('crm', request('a'));
        await table.commit('crm', 'a', { dueAt: NOW + MINUTE });
        expect(await collect(table.due(NOW))).toEqual([]);
        expect(await collect(table.due(NOW + MINUTE))).toMatchObject([
          { name: 'crm', dueAt: NOW + MINUTE, definition: CRM },
        ]);
      });

      it('succeeds after the lease has ended when nobody took it', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        await table.lease('crm', request('a', { endsAt: NOW + 1 }));
        expect(await table.commit('crm', 'a', { dueAt: NOW + MINUTE })).toBe(true);
      });

      it('is refused once the lease was lost, and leaves the new holder alone', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        await table.lease('crm', request('a', { endsAt: NOW + 1 }));
        await table.lease('crm', request('b', { now: NOW + 1 }));
        const before = await table.get('crm');
        const changes = [
          { generation: 1, tokenVersionId: 'token-a', dueAt: NOW + MINUTE },
          { failures: 1 },
          {},
        ];
        for (const change of changes) expect(await table.commit('crm', 'a', change)).toBe(false);
        expect(await table.get('crm')).toEqual(before);
      });

      it('repeated after its own success is a success that releases nobody else', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        await table.lease('crm', request('a'));
        const change = {
          generation: 1,
          tokenVersionId: 'token-a',
          dueAt: NOW,
          attempt: null,
          attemptAt: null,
        };
        await table.commit('crm', 'a', change);
        await table.lease('crm', request('b'));
        expect(await table.commit('crm', 'a', change)).toBe(true);
        expect(await table.get('crm')).toMatchObject({ leaseOwner: 'b', generation: 1 });
      });

      it('of the generation that another has committed is refused', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        await table.lease('crm', request('a', { endsAt: NOW + 1 }));
        await table.lease('crm', request('b', { now: NOW + 1 }));
        await table.commit('crm', 'b', { generation: 1, tokenVersionId: 'token-b', dueAt: NOW });
        const late = { generation: 1, tokenVersionId: 'token-a', dueAt: NOW };
        expect(await table.commit('crm', 'a', late)).toBe(false);
        expect(await table.get('crm')).toMatchObject({ tokenVersionId: 'token-b' });
      });

      it('is refused for a connection that does not exist', async () => {
        const table = await open();
        expect(await table.commit('crm', 'a', { generation: 1, tokenVersionId: 'token-a' })).toBe(false);
        expect(await table.get('crm')).toBeUndefined();
      });
    });

    describe('register', () => {
      it('is true once for one definition, and does not move the due instant again', async () => {
        const table = await open();
        expect(await table.register('crm', CRM, NOW)).toBe(true);
        expect(await table.register('crm', { ...CRM }, NOW + MINUTE)).toBe(false);
        expect(await table.get('crm')).toMatchObject({ dueAt: NOW });
      });

      it('makes a changed definition due', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        await table.lease('crm', request('a'));
        await table.commit('crm', 'a', { dueAt: NOW + 60 * MINUTE, generation: 1 });
        expect(await table.register('crm', CHANGED, NOW + 5)).toBe(true);
        expect(await table.get('crm')).toMatchObject({ definition: CHANGED, dueAt: NOW + 5, generation: 1 });
        expect(await collect(table.due(NOW + 5))).toMatchObject([{ name: 'crm', definition: CHANGED }]);
      });
    });

    describe('a declaration that is not found', () => {
      it('removes the connection at the second sighting, a minute apart', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        expect(await table.unregister('crm', NOW)).toBe(false);
        expect(await table.unregister('crm', NOW + MINUTE - 1)).toBe(false);
        expect(await collect(table.due(NOW))).toHaveLength(1);

        expect(await table.unregister('crm', NOW + MINUTE)).toBe(true);
        expect(await collect(table.due(NOW))).toEqual([]);
        expect(await collect(table.list())).toEqual([]);
        expect(await table.lease('crm', request('a', { force: true }))).toEqual({ kind: 'unknown' });
        expect(await table.get('crm')).toMatchObject({ removedAt: NOW + MINUTE });
      });

      it('and found again is forgotten', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        await table.unregister('crm', NOW);
        expect(await table.register('crm', CRM, NOW)).toBe(false);
        expect(await table.unregister('crm', NOW + 60 * MINUTE)).toBe(false);
      });

      it('removes at once when a person confirms it, but never under a lease', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        await table.lease('crm', request('a', { endsAt: NOW + 10 }));
        expect(await table.unregister('crm', NOW + 9, { confirmed: true })).toBe(false);
        expect(await table.unregister('crm', NOW + 10, { confirmed: true })).toBe(true);
      });

      it('of a connection that was never registered creates nothing', async () => {
        const table = await open();
        expect(await table.unregister('crm', NOW)).toBe(false);
        expect(await table.get('crm')).toBeUndefined();
      });
    });

    describe('registered', () => {
      const all = async (table: StateTable) =>
        (await collect(table.registered())).sort((one, other) => (one.name < other.name ? -1 : 1));

      it('is everyone, paused ones too, with a digest of the definition', async () => {
        const table = await open();
        for (const name of ['a', 'b', 'gone']) await table.register(name, CRM, NOW);
        await table.setPaused('b', true, NOW);
        await table.unregister('gone', NOW, { confirmed: true });
        const digest = (name: string, definition = CRM) => definitionDigest(name, definition);
        expect(await all(table)).toEqual([
          { name: 'a', digest: digest('a'), needAt: expect.any(Number) },
          { name: 'b', digest: digest('b'), paused: true },
        ]);
        await table.register('b', CHANGED, NOW);
        await table.register('gone', CHANGED, NOW);
        expect(await all(table)).toMatchObject([
          { name: 'a' },
          { digest: digest('b', CHANGED), paused: true },
          { digest: digest('gone', CHANGED) },
        ]);
      });

      it('says of whom the declaration was missed, until it is found', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        await table.unregister('crm', NOW);
        expect(await all(table)).toMatchObject([{ name: 'crm', missingAt: NOW }]);
        await table.register('crm', CRM, NOW);
        expect((await all(table))[0]).not.toHaveProperty('missingAt');
      });

      it('says what whoever calls and warns must know', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        await table.lease('crm', request('a'));
        const told = { needAt: NOW, neededFor: 'failing', neededToldAt: NOW, untold: ['x'] } as const;
        const ends = { refreshTokenExpiresAt: NOW + MINUTE, endStays: true, onlyRefreshed: true } as const;
        await table.commit('crm', 'a', { ...told, ...ends, watchAt: NOW, lastOutcome: 'retry-later' });
        expect(await all(table)).toEqual([
          { name: 'crm', digest: expect.any(String), ...told, ...ends, lastOutcome: 'retry-later' },
        ]);
      });

      it('has one that is paused behind all others, whatever comes of its credentials', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        await table.setPaused('crm', true, NOW);
        expect(await table.wake('crm', NOW + MINUTE)).toMatchObject({ credentialsSetAt: NOW + MINUTE });
        expect(await table.watched(9)).toEqual([]);
        expect(await all(table)).toHaveLength(1);
      });
    });

    describe('a listing', () => {
      const seen = (size: number) => Uint8Array.from({ length: size }, (_, index) => index % 251);

      it('is kept as far as it came, whatever it has seen, and to its end', async () => {
        const table = await open();
        expect(await table.lastListing()).toBeUndefined();
        const cut = {
          startedAt: NOW,
          keptAt: NOW + 1,
          next: 'token',
          declared: 100_000,
          seen: seen(800_000),
        };
        await table.keepListing(cut);
        const last = await table.lastListing();
        expect({ ...last, seen: undefined }).toEqual({ ...cut, seen: undefined });
        expect(Buffer.from(last?.seen ?? []).equals(Buffer.from(cut.seen))).toBe(true);
        const whole = { startedAt: NOW, keptAt: NOW + 2, declared: 7 };
        await table.keepListing(whole);
        expect(await table.lastListing()).toEqual(whole);
        expect(await collect(table.list())).toEqual([]);
      });
    });

    describe('due', () => {
      it('yields what is due, earliest first', async () => {
        const table = await open();
        const dueAt = { late: NOW + 1, third: NOW, first: NOW - 2000, second: NOW - 10 };
        for (const [name, at] of Object.entries(dueAt)) await table.register(name, CRM, at);
        expect((await collect(table.due(NOW))).map(({ name }) => name)).toEqual(['first', 'second', 'third']);
      });
    });

    describe('setPaused', () => {
      it('takes a connection out of the queue and refuses its lease until it is resumed', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        expect(await table.setPaused('crm', true, NOW)).toBe(true);
        expect(await collect(table.due(NOW))).toEqual([]);
        expect(await table.lease('crm', request('a', { force: true }))).toMatchObject({
          kind: 'paused',
          state: { paused: true },
        });
        expect(await table.setPaused('crm', false, NOW)).toBe(true);
        expect(await collect(table.due(NOW))).toHaveLength(1);
        expect(await table.get('crm')).not.toHaveProperty('paused');
      });

      it('is refused while the connection is held', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        await table.lease('crm', request('a', { endsAt: NOW + 10 }));
        expect(await table.setPaused('crm', true, NOW + 9)).toBe(false);
        expect(await table.setPaused('crm', true, NOW + 10)).toBe(true);
      });

      it('says that a connection is not registered', async () => {
        const table = await open();
        await expect(table.setPaused('crm', true, NOW)).rejects.toMatchObject({ kind: 'missing' });
        await expect(table.setPaused('crm', true, NOW)).rejects.toBeInstanceOf(StoreError);
      });
    });

    describe('list', () => {
      it('yields every connection, paused ones too', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        await table.register('books/acme', CRM, NOW + MINUTE);
        await table.setPaused('books/acme', true, NOW);
        await table.setCooldown('https://idp.example.com', { endsAt: NOW, reason: '429', failures: 1 });
        const states = await collect(table.list());
        expect(states.map(({ name }) => name).sort()).toEqual(['books/acme', 'crm']);
      });
    });

    describe('postpone', () => {
      it('moves the due instant', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        expect(await table.postpone('crm', NOW + MINUTE)).toEqual(await table.get('crm'));
        expect(await table.get('crm')).toMatchObject({ dueAt: NOW + MINUTE });
      });

      it('does nothing to a connection that is held or unknown', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        await table.lease('crm', request('a'));
        expect(await table.postpone('crm', NOW + MINUTE)).toBeUndefined();
        expect(await table.postpone('unknown', NOW + MINUTE)).toBeUndefined();
        expect(await table.get('crm')).toMatchObject({ dueAt: NOW });
        expect(await table.get('unknown')).toBeUndefined();
      });
    });

    describe('wake', () => {
      it('makes due, in its place among the watched, and says since when older credentials are none', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW + 60 * MINUTE);
        const woken = await table.wake('crm', NOW);
        expect(woken).toMatchObject({ dueAt: NOW, credentialsSetAt: NOW });
        expect(woken).toEqual(await table.get('crm'));
        expect(await table.watched(9)).toMatchObject([{ name: 'crm', watchAt: NOW, dueAt: NOW }]);
        expect((await collect(table.due(NOW))).map(({ name }) => name)).toEqual(['crm']);
      });

      it('outlives the commit of a refresh that is under way, and what is told of it', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        await table.lease('crm', request('a'));
        await table.wake('crm', NOW + 1);
        const later = NOW + 50 * MINUTE;
        await table.commit('crm', 'a', { dueAt: NOW + MINUTE, dueAfterTold: later, untold: ['x'] });
        expect(await table.get('crm')).toMatchObject({ dueAt: NOW + 1 });
        await table.wake('crm', NOW + 2);
        await table.told('crm', later);
        expect(await table.get('crm')).toMatchObject({ dueAt: NOW + 2, credentialsSetAt: NOW + 2 });
      });

      it('does nothing to one that is not registered', async () => {
        const table = await open();
        expect(await table.wake('crm', NOW)).toBeUndefined();
        expect(await table.get('crm')).toBeUndefined();
      });
    });

    describe('budgets', () => {
      const key = 'https://a.example#client';
      const budget = { calls: 2, windowMs: 10 * MINUTE };

      it('gives as many calls as fit any time of that length, over all who ask', async () => {
        const table = await open();
        expect(await table.takeFromBudget(key, budget, NOW)).toBeUndefined();
        expect(await table.takeFromBudget(key, budget, NOW + MINUTE)).toBeUndefined();
        expect(await table.takeFromBudget(key, budget, NOW + 2 * MINUTE)).toBe(NOW + 10 * MINUTE);
        expect(await table.takeFromBudget(key, budget, NOW + 10 * MINUTE)).toBeUndefined();
        expect(await table.takeFromBudget(key, budget, NOW + 10 * MINUTE)).toBe(NOW + 11 * MINUTE);
      });

      it('is another for another key, and for another length of time', async () => {
        const table = await open();
        for (const each of [key, 'https://b.example']) {
          expect(await table.takeFromBudget(each, { calls: 1, windowMs: MINUTE }, NOW)).toBeUndefined();
          expect(await table.takeFromBudget(each, { calls: 1, windowMs: 2 * MINUTE }, NOW)).toBeUndefined();
        }
      });

      it('is never overdrawn by many who ask at once', async () => {
        const table = await open();
        const asked = Array.from({ length: 6 }, () =>
          table.takeFromBudget(key, budget, NOW).catch(() => 'contended' as const),
        );
        const answers = await Promise.all(asked);
        expect(answers.filter((answer) => answer === undefined)).toHaveLength(2);
      });
    });

    describe('cooldowns', () => {
      it('are kept by key until cleared', async () => {
        const table = await open();
        const cooldown = { endsAt: NOW + MINUTE, reason: 'HTTP 429', failures: 2 };
        await table.setCooldown('https://a.example#client', { ...cooldown, failures: 1 });
        await table.setCooldown('https://a.example#client', cooldown);
        await table.setCooldown('https://b.example', cooldown);
        await table.clearCooldown('https://b.example');
        await table.clearCooldown('https://never.example');
        const keys = ['https://a.example#client', 'https://b.example', 'https://c.example'];
        expect(await table.cooldowns([...keys, ...keys])).toEqual(
          new Map([['https://a.example#client', cooldown]]),
        );
        expect(await table.cooldowns([])).toEqual(new Map());
      });
    });

    describe('requests by event', () => {
      const budget = { names: 10, windowMs: MINUTE };
      const refused = { at: NOW, reason: 'malformed', account: '111122223333', source: 'app' } as const;

      it('are admitted until a window has had its names, and then again from its end on', async () => {
        const table = await open();
        expect(await table.admitRequest(7, NOW, budget)).toBe(true);
        expect(await table.admitRequest(4, NOW + 1, budget)).toBe(false);
        expect(await table.admitRequest(3, NOW + 2, budget)).toBe(true);
        expect(await table.admitRequest(1, NOW + MINUTE - 1, budget)).toBe(false);
        expect(await table.admitRequest(10, NOW + MINUTE, budget)).toBe(true);
        expect(await table.admitRequest(1, NOW + 2 * MINUTE - 1, budget)).toBe(false);
      });

      it('are never admitted when they name more than a window has', async () => {
        const table = await open();
        expect(await table.admitRequest(11, NOW, budget)).toBe(false);
        expect(await table.admitRequest(10, NOW, budget)).toBe(true);
      });

      it('are admitted no more than that when many ask at once', async () => {
        const table = await open();
        const answers = await Promise.all([1, 2, 3, 4, 5].map(() => table.admitRequest(4, NOW, budget)));
        expect(answers.filter(Boolean)).toHaveLength(2);
      });

      it('leave what was refused last, whatever came of the budget', async () => {
        const table = await open();
        expect(await table.refusedRequest()).toBeUndefined();
        await table.admitRequest(1, NOW, budget);
        expect(await table.refusedRequest()).toBeUndefined();
        await table.noteRefusedRequest(refused);
        await table.noteRefusedRequest({ ...refused, at: NOW + 1, reason: 'other-account' });
        await table.noteRefusedRequest({ ...refused, at: NOW - 1 });
        expect(await table.admitRequest(10, NOW + 1, budget)).toBe(false);
        expect(await table.refusedRequest()).toEqual({ ...refused, at: NOW + 1, reason: 'other-account' });
      });

      it('are no connection', async () => {
        const table = await open();
        await table.noteRefusedRequest(refused);
        expect(await collect(table.list())).toEqual([]);
      });
    });

    describe('where credentials go', () => {
      it('is new once for each pair', async () => {
        const table = await open();
        const [first, other] = ['https://a.example', 'https://b.example'];
        const note = (credentials: string, origin: string, name: string, at: number) =>
          table.noteOrigin({ credentials, origin, name, at });
        expect(await note('app', first, 'crm', NOW)).toBe(NOW);
        // Who was cut off after it had noted it must not take it for known.
        expect(await note('app', first, 'crm', NOW + 1)).toBe(NOW);
        expect(await note('app', first, 'another', NOW + 1)).toBeUndefined();
        expect(await note('app', other, 'another', NOW + 2)).toBe(NOW + 2);
        expect(await note('another', first, 'another', NOW + 3)).toBe(NOW + 3);
      });
    });

    describe('the secret that a connection publishes to', () => {
      it('belongs to the first that takes it, for as long as nobody takes it from that one', async () => {
        const table = await open();
        expect(await table.claimSecret('arn', 'crm')).toBe('crm');
        expect(await table.claimSecret('arn', 'crm')).toBe('crm');
        expect(await table.claimSecret('arn', 'thief')).toBe('crm');
        expect(await table.claimSecret('arn', 'thief', { from: 'somebody' })).toBe('crm');
        expect(await table.claimSecret('another', 'thief')).toBe('thief');
        expect(await table.claimSecret('arn', 'heir', { from: 'crm' })).toBe('heir');
        expect(await table.claimSecret('arn', 'crm')).toBe('heir');
      });

      it('goes to one of many that ask at once', async () => {
        const table = await open();
        const names = Array.from({ length: 8 }, (_, index) => `connection-${index}`);
        const owners = await Promise.all(names.map((name) => table.claimSecret('arn', name)));
        expect(new Set(owners).size).toBe(1);
      });

      it('is no connection of a listing', async () => {
        const table = await open();
        await table.claimSecret('arn', 'crm');
        await table.noteOrigin({ credentials: 'app', origin: 'https://a.example', name: 'crm', at: NOW });
        expect(await collect(table.list())).toEqual([]);
        expect(await collect(table.due(NOW))).toEqual([]);
      });
    });

    describe('leaseTick', () => {
      it('goes to one at a time, is renewed by its owner, and passes on when it ends', async () => {
        const table = await open();
        expect(await table.leaseTick('a', NOW, NOW + 90)).toBe(true);
        expect(await table.leaseTick('b', NOW + 89, NOW + 200)).toBe(false);
        expect(await table.leaseTick('a', NOW + 89, NOW + 150)).toBe(true);
        expect(await table.leaseTick('b', NOW + 149, NOW + 200)).toBe(false);
        expect(await table.leaseTick('b', NOW + 150, NOW + 300)).toBe(true);
      });

      it('is released by its owner alone', async () => {
        const table = await open();
        await table.leaseTick('a', NOW, NOW + 90);
        await table.releaseTick('b');
        expect(await table.leaseTick('b', NOW, NOW + 90)).toBe(false);
        await table.releaseTick('a');
        await table.releaseTick('a');
        expect(await table.leaseTick('b', NOW, NOW + 90)).toBe(true);
      });

      it('goes to exactly one of many that ask at once', async () => {
        const table = await open();
        const answers = await Promise.all(
          ['a', 'b', 'c', 'd'].map((owner) => table.leaseTick(owner, NOW, NOW + 90)),
        );
        expect(answers.filter(Boolean)).toHaveLength(1);
      });
    });

    describe('tickWorksUntil', () => {
      const record = { startedAt: NOW, endedAt: NOW + 5, due: 3, refreshed: 3, failed: 0, left: 0 };

      it('is what the tick that runs said last, and nothing once that has ended', async () => {
        const table = await open();
        expect(await table.tickWorksUntil()).toBeUndefined();
        await table.leaseTick('a', NOW, NOW + 90, { worksUntil: NOW + 225 });
        expect(await table.tickWorksUntil()).toBe(NOW + 225);
        await table.leaseTick('b', NOW, NOW + 90, { worksUntil: NOW + 300 });
        expect(await table.tickWorksUntil()).toBe(NOW + 225);
        await table.releaseTick('a', record);
        expect(await table.tickWorksUntil()).toBeUndefined();
      });

      it('is unknown of a tick that says nothing, whatever the one before said', async () => {
        const table = await open();
        await table.leaseTick('killed', NOW, NOW + 90, { worksUntil: NOW + 225 });
        await table.leaseTick('a', NOW + 90, NOW + 180);
        expect(await table.tickWorksUntil()).toBeUndefined();
      });
    });

    describe('releaseTick', () => {
      it('answers its owner with what reconciling saw, and nobody else', async () => {
        const table = await open();
        const fleet = {
          at: NOW - 9,
          registered: 3,
          paused: 1,
          areWatched: true,
          refreshTokenEnds: [NOW + 5],
        };
        await table.noteFleet(fleet);
        await table.leaseTick('a', NOW, NOW + 90);
        expect(await table.releaseTick('b')).toBeUndefined();
        expect(await table.releaseTick('a')).toEqual(fleet);
      });

      it('answers with nothing where reconciling never ran', async () => {
        const table = await open();
        await table.leaseTick('a', NOW, NOW + 90);
        expect(await table.releaseTick('a')).toBeUndefined();
      });
    });

    describe('noteIdleTick', () => {
      const record = { startedAt: NOW, endedAt: NOW + 1, due: 0, refreshed: 0, failed: 0, left: 0 };
      const fleet = { at: NOW - 9, registered: 3, paused: 1, areWatched: true, refreshTokenEnds: [NOW + 5] };

      it('keeps the record without a lease, and answers with what reconciling saw', async () => {
        const table = await open();
        await table.noteFleet(fleet);
        expect(await table.noteIdleTick(record, NOW - 10)).toEqual(fleet);
        expect(await table.lastTick()).toEqual(record);
        expect(await table.fleet()).toEqual(fleet);
        expect(await table.leaseTick('a', NOW, NOW + 90)).toBe(true);
      });

      it('keeps nothing while another tick runs, and does once that has ended', async () => {
        const table = await open();
        await table.noteFleet(fleet);
        await table.leaseTick('a', NOW, NOW + 90);
        expect(await table.noteIdleTick(record, NOW - 10)).toBeUndefined();
        expect(await table.lastTick()).toBeUndefined();
        expect(await table.leaseTick('b', NOW, NOW + 90)).toBe(false);
        const later = { ...record, endedAt: NOW + 90 };
        expect(await table.noteIdleTick(later, NOW - 10)).toEqual(fleet);
        expect(await table.lastTick()).toEqual(later);
      });

      it.each([
        ['reconciling never ran', undefined],
        ['it did not see to it', { ...fleet, areWatched: undefined }],
        ['it was too long ago', { ...fleet, at: NOW - 10 }],
      ])('keeps nothing where nobody knows that everyone is watched: %s', async (_, seen) => {
        const table = await open();
        const { areWatched, ...rest } = seen ?? fleet;
        if (seen) await table.noteFleet(areWatched ? seen : rest);
        expect(await table.noteIdleTick(record, NOW - 10)).toBeUndefined();
        expect(await table.lastTick()).toBeUndefined();
      });
    });

    describe('watched', () => {
      const names = async (table: StateTable, limit = 9) =>
        (await table.watched(limit)).map(({ name }) => name);
      const commit = async (table: StateTable, name: string, change: StateChange) => {
        await table.lease(name, request(name));
        await table.commit(name, name, change);
      };

      it('are those who must be looked at soonest, with what is known of why', async () => {
        const table = await open();
        for (const name of ['late', 'soon', 'first']) await table.register(name, CRM, NOW);
        const expiresAt = NOW + 60 * MINUTE;
        await commit(table, 'late', {
          needAt: NOW + 70 * MINUTE,
          dangerAt: null,
          watchAt: NOW + 70 * MINUTE,
        });
        const first = { needAt: NOW - 3, dangerAt: NOW - 2, watchAt: NOW - 3, dueAt: NOW + 9 } as const;
        await commit(table, 'first', { ...first, expiresAt, lastOutcome: 'misconfigured' });
        expect(await names(table)).toEqual(['first', 'soon', 'late']);
        expect((await table.watched(2))[1]).toMatchObject({ name: 'soon', watchAt: NOW, dueAt: NOW });
        const [known] = await table.watched(1);
        expect(known).toEqual({ name: 'first', ...first, expiresAt, lastOutcome: 'misconfigured' });
      });

      it('are as many as are asked for, and none that is paused or removed', async () => {
        const table = await open();
        for (const name of ['a', 'b', 'c', 'd']) await table.register(name, CRM, NOW);
        expect(await names(table, 3)).toHaveLength(3);
        await table.setPaused('a', true, NOW);
        await table.unregister('b', NOW, { confirmed: true });
        expect((await names(table)).sort()).toEqual(['c', 'd']);
        await table.setPaused('a', false, NOW);
        expect((await names(table)).sort()).toEqual(['a', 'c', 'd']);
      });

      it('know a connection by what it is when it is resumed or declared anew', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        const expiresAt = NOW + 60 * MINUTE;
        const paused = {
          expiresAt,
          obtainedAt: NOW,
          dueAt: NOW,
          needAt: null,
          dangerAt: null,
          watchAt: null,
        };
        await commit(table, 'crm', { ...paused, lastOutcome: 'refreshed' });
        expect(await names(table)).toEqual([]);
        await table.setPaused('crm', true, NOW);
        await table.setPaused('crm', false, NOW);
        const known = { watchAt: NOW, dueAt: NOW, dangerAt: NOW + 55 * MINUTE, expiresAt };
        expect(await table.watched(9)).toMatchObject([known]);
        await commit(table, 'crm', { ...paused, lastOutcome: 'refreshed' });
        await table.register('crm', CHANGED, NOW);
        expect(await table.watched(9)).toMatchObject([known]);
      });

      it('know one that never was among them once it is postponed, and move nobody back for it', async () => {
        const table = await open();
        await table.register('crm', CRM, NOW);
        await commit(table, 'crm', { watchAt: null });
        await table.postpone('crm', NOW + MINUTE);
        await table.postpone('crm', NOW + 2 * MINUTE);
        const known = { name: 'crm', watchAt: NOW + MINUTE, dueAt: NOW + 2 * MINUTE };
        expect(await table.watched(9)).toMatchObject([known]);
      });
    });

    describe('noteFleet', () => {
      it('keeps the last that reconciling saw', async () => {
        const table = await open();
        expect(await table.fleet()).toBeUndefined();
        const fleet = { at: NOW, registered: 3, paused: 1, refreshTokenEnds: [NOW + 5, NOW + 9] };
        await table.noteFleet(fleet);
        expect(await table.fleet()).toEqual(fleet);
        await table.noteFleet({ ...fleet, refreshTokenEnds: [] });
        expect(await table.fleet()).toEqual({ ...fleet, refreshTokenEnds: [] });
        expect(await collect(table.list())).toEqual([]);
      });
    });

    describe('lastTick', () => {
      const record = { startedAt: NOW, endedAt: NOW + 5, due: 3, refreshed: 1, failed: 1, left: 1 };

      it('is what the last one left when it released its lease', async () => {
        const table = await open();
        expect(await table.lastTick()).toBeUndefined();
        await table.leaseTick('a', NOW, NOW + 90);
        expect(await table.lastTick()).toBeUndefined();
        await table.releaseTick('a', { ...record, oldestDueAt: NOW - MINUTE });
        expect(await table.lastTick()).toEqual({ ...record, oldestDueAt: NOW - MINUTE });
        await table.leaseTick('b', NOW, NOW + 90);
        await table.releaseTick('b', { ...record, due: 0 });
        expect(await table.lastTick()).toEqual({ ...record, due: 0 });
      });

      it('stays that of the one before while a tick runs, is killed, or ends without a word', async () => {
        const table = await open();
        await table.leaseTick('a', NOW, NOW + 90);
        await table.releaseTick('a', record);
        await table.leaseTick('killed', NOW + 60, NOW + 150);
        expect(await table.lastTick()).toEqual(record);
        await table.leaseTick('b', NOW + 150, NOW + 240);
        await table.releaseTick('killed', { ...record, due: 7 });
        await table.releaseTick('b');
        expect(await table.lastTick()).toEqual(record);
      });
    });
  });
}
