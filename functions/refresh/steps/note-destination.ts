import { credentialsName } from '../../connections/connection-labels.ts';
import { originName } from '../../connections/credential-origins.ts';
import { isOriginAllowed } from '../../oauth/request/allowed-origins.ts';
import { isSelfIssued } from '../../oauth/request/self-issued-token.ts';
import type { Grant, RefreshRun } from '../refresh-run.ts';
import { tokenUrl } from './exchange-grant.ts';

/**
 * Notes where credentials are about to be sent. Where their secret does not say where they may go, whoever declares
 * a connection decides it: that they go somewhere for the first time stands in the state then, and is told. Costs a
 * call only where that is not what this connection did the last time. Never throws: a note must not cost a token. It
 * comes before the proof: nothing that can take its time may stand between that and the send.
 */
export async function noteDestination(
  run: RefreshRun,
  { type, credentials: { versionId, value } }: Grant,
): Promise<void> {
  const { connection, lease, ledger } = run;
  const { credentialsSentTo, credentialsVersionId, exchangedAt = 0 } = lease.state;
  if (isSelfIssued({ ...connection, grantType: type })) return;
  const allowed = value.allowed_token_origins;
  // What cannot be known, or may not be, the exchange says.
  const url = await tokenUrl(run, type, value).catch(() => undefined);
  if (url === undefined || (allowed && !isOriginAllowed(allowed, url))) return;
  const origin = originName(url, connection.origins);
  if (credentialsSentTo === origin && credentialsVersionId === versionId) return;
  const firstAt = allowed === undefined ? await firstSentAt(run, origin) : undefined;
  ledger.notes.sendsCredentials(origin, allowed !== undefined);
  // What was noted and never came into the state is as new as ever.
  if (firstAt !== undefined && firstAt >= exchangedAt) ledger.notes.sendsCredentialsFirst(firstAt);
}

async function firstSentAt(
  { connection, lease, ports }: RefreshRun,
  origin: string,
): Promise<number | undefined> {
  const { name } = lease;
  const credentials = credentialsName(connection);
  try {
    return await ports.state.noteOrigin({ credentials, origin, name, at: ports.clock.now() }, lease);
  } catch (error) {
    ports.log.warn('where credentials go could not be noted', {
      connection: name,
      error: (error as Error).name,
    });
    return undefined;
  }
}
