import { rotateSecret } from '../refresh/rotate-secret.ts';
import { chain } from './chain.ts';
import { type Composition, composeFromEnvironment } from './composition.ts';
import { readRotation } from './read-invocation.ts';

/** Secrets Manager's rotation function, for connections with `"consoleRotate": true`. */
export function rotateSecretHandler(compose: () => Composition) {
  return chain(compose, async (event: unknown, { config, ports }, functionEndsAt) => {
    const request = await readRotation(event, config.namespace);
    await rotateSecret({ ...request, functionEndsAt }, ports);
    ports.log.info('rotation step done', { connection: request.connection, step: request.step });
  });
}

export const handler = rotateSecretHandler(composeFromEnvironment);
