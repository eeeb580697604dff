import { describe, expect, it } from 'vitest';
import type { RefreshAnswer } from '../../../functions/refresh/ports/refresh-requests.ts';
import { StoreError } from '../../../functions/refresh/ports/stores.ts';
import { type ActionPorts, carryOut } from '../../../functions/status-page/actions.ts';
import { MemoryState } from '../../support/memory-state.ts';
import { NOW, stateOf } from '../refresh/state-of.ts';

function world(result?: Partial<RefreshAnswer> | Error) {
  const state = new MemoryState();
  state.items.set('crm', stateOf());
  const asked: string[] = [];
  const ports: ActionPorts = {
    state,
    clock: { now: () => NOW },
    refreshRequests: {
      refresh: async (name) => {
        asked.push(name);
        if (result instanceof Error) throw result;
        return result && { outcome: 'refreshed', error: null, ...result };
      },
    },
  };
  return { state, asked, ports };
}

describe('a button', () => {
  it('pauses, and resumes', async () => {
    const { state, ports } = world();
    expect(await carryOut({ kind: 'pause', connection: 'crm' }, ports)).toMatchObject({ tone: 'done' });
    expect(state.items.get('crm')?.paused).toBe(true);
    expect(await carryOut({ kind: 'resume', connection: 'crm' }, ports)).toMatchObject({ tone: 'done' });
    expect(state.items.get('crm')?.paused).toBeUndefined();
  });

  it('says that a refresh is under way, and pauses nothing', async () => {
    const { state, ports } = world();
    state.items.set('crm', { ...stateOf(), leaseOwner: 'other', leaseEndsAt: NOW + 1 });
    expect(await carryOut({ kind: 'pause', connection: 'crm' }, ports)).toEqual({
      tone: 'failed',
      text: 'A refresh of crm is under way.',
      remedy: 'Try it again in a minute.',
    });
    expect(state.items.get('crm')?.paused).toBeUndefined();
  });

  it.each([
    ['refreshed', 'done', 'crm has a new token.'],
    ['fresh', 'done', 'crm had a new token just now.'],
    ['paused', 'failed', 'crm is paused.'],
    ['busy', 'failed', 'A refresh of crm is under way.'],
    ['unknown-connection', 'failed', 'No connection crm is registered.'],
  ] as const)('says what came of a refresh: %s', async (outcome, tone, text) => {
    const { ports, asked } = world({ outcome });
    expect(await carryOut({ kind: 'refresh', connection: 'crm' }, ports)).toMatchObject({ tone, text });
    expect(asked).toEqual(['crm']);
  });

  it('says why a refresh failed, and what to do', async () => {
    const error = { code: 'invalid_grant', message: 'it was revoked', remedy: 'Sign in again.' };
    const { ports } = world({ outcome: 'needs-reauthorization', error });
    expect(await carryOut({ kind: 'refresh', connection: 'crm' }, ports)).toEqual({
      tone: 'failed',
      text: 'crm: needs-reauthorization: it was revoked',
      remedy: 'Sign in again.',
    });
  });

  it('says that refresh-now did not answer, or may not be asked', async () => {
    const silent = world(undefined);
    expect(await carryOut({ kind: 'refresh', connection: 'crm' }, silent.ports)).toMatchObject({
      tone: 'failed',
    });
    const refused = world(new StoreError('denied', 'AccessDeniedException', 'Invoke is refused'));
    expect(await carryOut({ kind: 'refresh', connection: 'crm' }, refused.ports)).toMatchObject({
      tone: 'failed',
      text: 'crm: Invoke is refused',
    });
  });

  it.each(['../crm', 'a#b', '', 'x'.repeat(300), '<script>'])(
    'does nothing for what can be no name: %j',
    async (name) => {
      const { ports, asked, state } = world({ outcome: 'refreshed' });
      for (const kind of ['refresh', 'pause', 'resume'] as const) {
        expect(await carryOut({ kind, connection: name }, ports)).toMatchObject({ tone: 'failed' });
      }
      expect(asked).toEqual([]);
      expect([...state.items.keys()]).toEqual(['crm']);
    },
  );

  it('says that nobody registered what it names', async () => {
    const { ports } = world();
    expect(await carryOut({ kind: 'pause', connection: 'erp' }, ports)).toMatchObject({
      text: 'No connection erp is registered.',
    });
  });

  it('hides no fault of its own', async () => {
    const { ports } = world(new TypeError('a mistake'));
    await expect(carryOut({ kind: 'refresh', connection: 'crm' }, ports)).rejects.toThrow('a mistake');
  });
});
