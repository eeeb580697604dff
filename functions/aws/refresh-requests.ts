import { parseJson } from '../oauth/response/response-body.ts';
import type { RefreshAnswer, RefreshRequests } from '../refresh/ports/refresh-requests.ts';
import { sendOptions, storeCall } from './aws-error.ts';
import type { ClientsOnDemand } from './clients-on-demand.ts';
import { functionName } from './resource-names.ts';

export interface RefreshRequestsProps {
  readonly clients: Pick<ClientsOnDemand, 'lambda'>;
  readonly namespace: string;
}

/** Invokes the refresh-now of the namespace. */
export function createRefreshRequests({ clients, namespace }: RefreshRequestsProps): RefreshRequests {
  const name = functionName(namespace, 'refresh-now');
  return {
    async refresh(connection, options) {
      const event = JSON.stringify({ connections: [connection], force: true });
      const client = await clients.lambda();
      const { answer, failed } = await storeCall(`Invoke ${name}`, () =>
        client.invoke(name, event, sendOptions(options)),
      );
      const said = parseJson(answer)?.value as { readonly results?: readonly RefreshAnswer[] } | undefined;
      return failed ? undefined : said?.results?.[0];
    },
  };
}
