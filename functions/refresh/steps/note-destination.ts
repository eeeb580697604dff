import { originName } from '../../connections/credential-origins.ts';
import { isOriginAllowed } from '../../oauth/request/allowed-origins.ts';
import type { Grant, RefreshRun } from '../refresh-run.ts';
import { refreshEvent } from './announce.ts';
import { tokenUrl } from './exchange-grant.ts';

/**
 * Notes where credentials are about to be sent. Where their secret does not say where they may go, whoever declares
 * a connection decides it: the first time that they go somewhere is told. Costs a call only where that is not what
 * this connection did the last time. Never throws: a note must not cost a token. It comes before the proof: nothing
 * that can take its time may stand between that and the send.
 */
export async function noteDestination(
  run: RefreshRun,
  { type, credentials: { versionId, value } }: Grant,
): Promise<void> {
  const { connection, lease, ledger, ports } = run;
  const { credentialsSentTo, credentialsVersionId } = lease.state;
  const allowed = value.allowed_token_origins;
  // What cannot be known, or may not be, the exchange says.
  const url = await tokenUrl(run, type, value).catch(() => undefined);
  if (url === undefined || (allowed && !isOriginAllowed(allowed, url))) return;
  const origin = originName(url, connection.origins);
  const isBound = allowed !== undefined;
  const isAsBefore = credentialsSentTo === origin && credentialsVersionId === versionId;
  const isFirst = !isAsBefore && !isBound && (await isNewPlace(run, origin));
  const now = ports.clock.now();
  ledger.notes.sendsCredentials(origin, { firstAt: isFirst ? now : undefined, isBound });
  if (!isFirst) return;
  const credentials = nameOf(connection.credentials);
  ports.log.warn('credentials go to an origin for the first time', {
    connection: lease.name,
    credentials,
    origin,
  });
  ports.events.add({
    ...refreshEvent('Credentials Sent To New Origin', lease.state, now),
    credentials,
    origin,
  });
}

async function isNewPlace({ connection, lease, ports }: RefreshRun, origin: string): Promise<boolean> {
  try {
    return await ports.state.noteOrigin(nameOf(connection.credentials), origin, ports.clock.now(), lease);
  } catch (error) {
    const { name } = error as Error;
    ports.log.warn('where credentials go could not be noted', { connection: lease.name, error: name });
    return false;
  }
}

function nameOf(credentials: RefreshRun['connection']['credentials']): string {
  return typeof credentials === 'string' ? credentials : credentials.secretArn;
}
