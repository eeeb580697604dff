import { describe, expect, it } from 'vitest';
import { toListedState } from '../../../functions/aws/state-table/connection-item.ts';
import { HOUR, MINUTE, NOW, stateOf } from '../refresh/state-of.ts';
import { viewOf } from './page-model-of.ts';

const OWN = 'arn:aws:secretsmanager:us-east-1:111111111111:secret:mine';

describe('a connection as a page shows it', () => {
  it('says where its token lies', () => {
    expect(viewOf(stateOf()).place).toBe('evertoken/tokens/crm');
    expect(viewOf(stateOf({ publishedTo: 'parameter' })).place).toBe('/evertoken/tokens/crm');
    const token = { secretArn: OWN, fields: {} };
    expect(viewOf(stateOf({ definition: { credentials: 'a', token } })).place).toBe(OWN);
  });

  it('calls its provider by the preset, else by the host, whatever the definition holds', () => {
    expect(viewOf(stateOf()).provider).toBe('idp.example.com');
    expect(viewOf(stateOf({ definition: { provider: 'xero', credentials: 'a' } })).provider).toBe('xero');
    expect(viewOf(stateOf({ definition: { tokenUrl: 'no url' } as never })).provider).toBe('-');
    expect(viewOf(stateOf({ definition: {} as never })).provider).toBe('-');
  });

  it('is due for its token, not for what is told meanwhile, and never while paused', () => {
    expect(viewOf(stateOf({ dueAt: NOW, dueAfterTold: NOW + HOUR })).dueAt).toBe(NOW + HOUR);
    expect(viewOf(stateOf({ paused: true })).dueAt).toBeUndefined();
  });

  it('counts the versions that are left of the secret that is written more often', () => {
    const hour = Math.floor(NOW / HOUR);
    const state = stateOf({
      writesByHour: { [hour]: 3, [hour - 23]: 4, [hour - 25]: 50 },
      tokenWritesByHour: { [hour - 1]: 10 },
    });
    expect(viewOf(state).writesLeft).toBe(80);
    expect(viewOf(stateOf({ writesByHour: { [hour]: 95 } })).writesLeft).toBe(0);
  });

  it('says what failed, and since when, also where nobody is needed', () => {
    const state = stateOf({
      lastOutcome: 'retry-later',
      lastErrorCode: 'http_503',
      lastErrorMessage: 'the provider answered with 503',
      lastErrorAt: NOW - MINUTE,
      failingSince: NOW - MINUTE,
      expiresAt: NOW + HOUR,
    });
    expect(viewOf(state)).toMatchObject({
      health: 'retrying',
      need: undefined,
      error: { code: 'http_503' },
      errorSince: NOW - MINUTE,
    });
    expect(viewOf({ ...state, expiresAt: NOW - HOUR, failingSince: NOW - HOUR }).need).toMatchObject({
      code: 'http_503',
    });
  });

  it('is there, and asks for a person, though its state is of a newer version and cannot be read', () => {
    const view = viewOf(toListedState({ pk: 'connection#crm', schema: 99, definition: 7 }));
    expect(view).toMatchObject({ name: 'crm', health: 'misconfigured', provider: '-' });
    expect(view.need).toBeDefined();
  });
});
