import { describe, expect, it } from 'vitest';
import { parameterLoad } from '../../../cli/connections/parameter-load.ts';
import { loadPreset } from '../../../functions/providers/load-preset.ts';

const IDP = { tokenUrl: 'https://idp.example.com/token', credentials: 'idp' };
const AT = 1_800_000_000_000;
const answered = (lifetimeSeconds: number) => ({
  obtainedAt: AT,
  expiresAt: AT + lifetimeSeconds * 1000,
});
const TOKEN = {
  secretArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:a-AbCdEf',
  fields: {},
};

describe('the load on Parameter Store', () => {
  it.each<[string, Parameters<typeof parameterLoad>[0][number], number]>([
    [
      'of a token that moved by itself is counted by its answered lifetime',
      { definition: IDP, publishedTo: 'parameter', ...answered(300) },
      1 / 135,
    ],
    [
      'of one that is declared shorter than it turned out, too',
      { definition: { ...IDP, publishTo: 'parameter', defaultLifetimeSeconds: 300 }, ...answered(3600) },
      1 / 2700,
    ],
    [
      'of one that was never answered is as declared',
      { definition: { ...IDP, defaultLifetimeSeconds: 300 } },
      1 / 135,
    ],
    ['of one in its secret is none', { definition: IDP, ...answered(300) }, 0],
    [
      'of one that a person moved back is none',
      { definition: { ...IDP, publishTo: 'secret' }, publishedTo: 'parameter', ...answered(300) },
      0,
    ],
    [
      'of one in a secret of one’s own is none',
      { definition: { ...IDP, token: TOKEN }, publishedTo: 'parameter', ...answered(300) },
      0,
    ],
    [
      'of one that is paused is none',
      { definition: IDP, publishedTo: 'parameter', paused: true, ...answered(300) },
      0,
    ],
    [
      'of one that was removed is none',
      { definition: IDP, publishedTo: 'parameter', removedAt: AT, ...answered(300) },
      0,
    ],
    [
      'of one with a preset of another version is none',
      { definition: { ...IDP, provider: 'of-tomorrow' }, publishedTo: 'parameter', ...answered(300) },
      0,
    ],
  ])('%s', async (_, connection, expected) => {
    const [load] = await parameterLoad([connection], loadPreset);
    expect(load).toBeCloseTo(expected, 9);
  });
});
