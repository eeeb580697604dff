import { describe, expect, it } from 'vitest';
import { required } from '../../../../functions/oauth/request/missing-field.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { fakeSecret, tokenErrorOf } from '../../../support/token-input.ts';

const missing = (unread?: readonly string[]) =>
  tokenErrorOf(() => required(undefined, 'client_id', 'client_secret_basic', unread));

it.each([[undefined], [''], [new Secret('')]])('%o is missing, and who needs it is said', async (value) => {
  const error = await tokenErrorOf(() => required(value, 'client_id', 'client_secret_basic'));
  expect(error).toMatchObject({ kind: 'configuration', code: 'missing_client_id' });
  expect(error.message).toMatch(/^"client_id" .*client_secret_basic needs it\.$/);
});

it('what is there is handed on as it is, blanks and all', () => {
  const secret = fakeSecret('client');
  expect(required(secret, 'client_secret', 'client_secret_post')).toBe(secret);
  expect(required(' ', 'client_id', 'none')).toBe(' ');
});

describe('what is stored under other names', () => {
  it('is named, with the name that is wanted', async () => {
    const { message } = await missing(['clientId', 'id']);
    expect(message).toMatch(/"clientId", "id".*call it "client_id"/);
  });

  it('is not spoken of where there is nothing', async () => {
    expect((await missing([])).message).toBe((await missing()).message);
  });

  it('is named up to the eighth', async () => {
    const names = Array.from({ length: 9 }, (_, at) => `field${at + 1}`);
    const { message } = await missing(names);
    expect(message).toContain('"field8"');
    expect(message).not.toContain('field9');
  });
});
