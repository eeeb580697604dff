import type {
  TokenEndpointClient,
  TokenEndpointOptions,
} from '../functions/oauth/transport/token-endpoint.ts';

/** As `createTokenEndpoint`, whose HTTP client is loaded once something is to be sent: most commands ask nobody but AWS. */
export function lateTokenEndpoint(options: TokenEndpointOptions): TokenEndpointClient {
  let loaded: Promise<TokenEndpointClient> | undefined;
  const client = () => {
    loaded ??= import('../functions/oauth/transport/token-endpoint.ts').then(({ createTokenEndpoint }) =>
      createTokenEndpoint(options),
    );
    return loaded;
  };
  return {
    exchange: async (...call) => (await client()).exchange(...call),
    discover: async (...call) => (await client()).discover(...call),
    metadata: async (...call) => (await client()).metadata(...call),
    send: async (...call) => (await client()).send(...call),
    revoke: async (...call) => (await client()).revoke(...call),
  };
}
