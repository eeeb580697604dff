import { expect, test } from 'vitest';
import { secretLoads } from '../../../cli/connections/secret-load.ts';
import { loadPreset } from '../../../functions/providers/load-preset.ts';

const IDP = { tokenUrl: 'https://idp.example.com/token', credentials: 'idp' };
const ROTATING = { ...IDP, grants: ['refresh_token'] };
const AT = 1_800_000_000_000;
const answered = (lifetimeSeconds: number) => ({ obtainedAt: AT, expiresAt: AT + lifetimeSeconds * 1000 });
const TOKEN = {
  secretArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:a-AbCdEf',
  fields: {},
};

test.each<[string, Parameters<typeof secretLoads>[0][number], number[][]]>([
  ['goes by the answered lifetime', { definition: IDP, ...answered(86_400) }, [[1, 73_872, 8_640]]],
  ['goes by what is declared before the first answer', { definition: ROTATING }, [[3, 2_850, 600]]],
  [
    'is what a refresh token alone takes where the token moved to a parameter',
    { definition: ROTATING, publishedTo: 'parameter', ...answered(300) },
    [[2, 142.5, 150]],
  ],
  [
    'is that of a secret of one’s own, which no token leaves',
    { definition: { ...IDP, token: TOKEN }, publishedTo: 'parameter', ...answered(3600) },
    [[1, 2_850, 600]],
  ],
  ['is none of one that is paused', { definition: IDP, paused: true }, []],
  ['is none of one that was removed', { definition: IDP, removedAt: AT }, []],
  [
    'is none of one with a preset of another version',
    { definition: { ...IDP, provider: 'of-tomorrow' } },
    [],
  ],
])('what a connection asks of the pace %s', async (_, connection, expected) => {
  const loads = await secretLoads([connection], loadPreset);
  expect(
    loads.map(({ writes, everySeconds, marginSeconds }) => [writes, everySeconds, marginSeconds]),
  ).toEqual(expected.map(([writes, every, margin]) => [writes, expect.closeTo(every ?? 0, 6), margin]));
});
