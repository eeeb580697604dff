import { describeRefreshTokenStore } from './refresh-token-store-contract.ts';
import { RefreshWorld } from './refresh-world.ts';

describeRefreshTokenStore('the store that schedules are explored with', async () => {
  const world = new RefreshWorld();
  return {
    store: world.ports().refreshTokens,
    edit: async (refreshToken) => void world.storeRefreshToken('crm', refreshToken),
    pass: async () => world.clock.advance(1),
  };
});
