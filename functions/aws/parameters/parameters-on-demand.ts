import type { Metrics } from '../../refresh/ports/outside.ts';
import type { ClientsOnDemand } from '../clients-on-demand.ts';
import { countParameterCalls } from '../count-calls.ts';
import type { ParameterStores, ParameterStoresProps } from './parameter-stores.ts';

export interface ParametersProps extends Omit<ParameterStoresProps, 'client'> {
  readonly clients: Pick<ClientsOnDemand, 'ssm'>;
  readonly metrics: Pick<Metrics, 'count'>;
}

/** Loads what is kept in Parameter Store, and its client, when it is first asked for: most refreshes need none of it. */
export function parametersOnDemand(props: ParametersProps): ParameterStores {
  let loading: Promise<ParameterStores> | undefined;
  const stores = () => {
    loading ??= load(props);
    return loading;
  };
  return {
    tokens: {
      put: async (...given) => (await stores()).tokens.put(...given),
      get: async (...given) => (await stores()).tokens.get(...given),
      delete: async (...given) => (await stores()).tokens.delete(...given),
    },
    rescues: {
      mayExist: async (...given) => (await stores()).rescues.mayExist(...given),
      put: async (...given) => (await stores()).rescues.put(...given),
      get: async (...given) => (await stores()).rescues.get(...given),
      delete: async (...given) => (await stores()).rescues.delete(...given),
    },
    declared: {
      get: async (...given) => (await stores()).declared.get(...given),
      async *list(...given) {
        yield* (await stores()).declared.list(...given);
      },
      page: async (...given) => (await stores()).declared.page(...given),
    },
  };
}

async function load({ clients, metrics, ...props }: ParametersProps): Promise<ParameterStores> {
  const [{ createParameterStores }, client] = await Promise.all([
    import('./parameter-stores.ts'),
    clients.ssm(),
  ]);
  countParameterCalls(client, metrics);
  return createParameterStores({ ...props, client });
}
