import { expect, it } from 'vitest';
import { NAME, startRevocation } from '../support/revocation-endpoint.ts';

it('quirk 68: the refresh token goes first, and one that a rotation has replaced never goes', async () => {
  await using scenario = await startRevocation();
  const { deployment, provider } = scenario;
  const { refreshTokens } = deployment.system.functions.composition.ports;
  const spent = await refreshTokens.read(NAME, { stage: 'AWSPREVIOUS' });
  const { refresh_token } = await deployment.read(`evertoken/refresh-tokens/${NAME}`);
  const { access_token } = await deployment.read(`evertoken/tokens/${NAME}`);
  expect(spent?.value.refresh_token.reveal()).toBeDefined();
  expect(await scenario.revoke()).toMatchObject({ exitCode: 0 });
  expect(provider.requests.map((form) => form.get('token'))).toEqual([refresh_token, access_token]);
  expect(provider.hints()).toEqual(['refresh_token', 'access_token']);
});
