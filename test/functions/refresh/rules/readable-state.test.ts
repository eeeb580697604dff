import { describe, expect, it } from 'vitest';
import { health } from '../../../../functions/refresh/rules/health.ts';
import { needOf } from '../../../../functions/refresh/rules/need.ts';
import { readableState, undecidable } from '../../../../functions/refresh/rules/readable-state.ts';
import { HOUR, NOW, stateOf } from '../state-of.ts';

const WRITTEN = { ...stateOf({ lastOutcome: 'refreshed', expiresAt: NOW + HOUR, untold: ['Token Moved'] }) };
const read = (changes: object) => readableState({ ...WRITTEN, ...changes });

describe('a state as the table has it', () => {
  it('is read as it was written, with what a later version added', () => {
    expect(read({})).toEqual(WRITTEN);
    expect(read({ novelty: { a: 1 } })).toEqual({ ...WRITTEN, novelty: { a: 1 } });
  });

  it.each<[string, unknown]>([
    ['expiresAt', 'tomorrow'],
    ['expiresAt', Number.POSITIVE_INFINITY],
    ['obtainedAt', 8.64e15 + 1],
    ['lastOutcome', 'splendid'],
    ['lastErrorMessage', { S: 'nested' }],
    ['lastErrorSource', 'nobody'],
    ['untold', 'Token Moved'],
    ['failuresByKind', { unsure: 'often' }],
    ['paused', 'yes'],
    ['publishedTo', 'secret'],
    ['dueAt', null],
    ['definition', 'crm'],
    ['definition', { grants: 'refresh_token' }],
    ['definition', { credentials: null }],
    ['definition', { token: {} }],
    ['definition', { provider: 7 }],
  ])('is read without %s where that is %o, which is named', (key, value) => {
    const state = read({ [key]: value });
    expect(state.unreadable).toEqual([key]);
    expect(state).not.toMatchObject({ [key]: value });
    expect(needOf(state, NOW, 'evertoken')).toMatchObject({ code: 'unreadable_state' });
    expect(health(state, NOW)).toBe('misconfigured');
  });

  it.each(['definition', 'dueAt', 'generation', 'failures', 'writesByHour'])(
    'is read with something in the place of %s, which no state is without',
    (key) => {
      const { [key as 'dueAt']: _, ...rest } = WRITTEN;
      const state = readableState(rest);
      expect(state.unreadable).toEqual([key]);
      expect(state).toHaveProperty(key);
    },
  );
});

describe('what a refresh would have to guess at', () => {
  it('is what is sent where, and what decides about sending a refresh token', () => {
    expect(undecidable(read({ definition: 7 }))).toEqual(['definition']);
    expect(undecidable(read({ attempt: 7, expiresAt: 'soon', refusals: 'many' }))).toEqual([
      'attempt',
      'refusals',
    ]);
    expect(undecidable(read({ expiresAt: 'soon' }))).toEqual([]);
    expect(undecidable(read({}))).toEqual([]);
  });
});
