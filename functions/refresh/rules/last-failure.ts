import type { ConnectionState, RefreshFailure } from '../connection-state.ts';
import { type Failure, remedy } from './classify-failure.ts';

/** What the last try failed with and what to do about it; `undefined` when it did not fail. */
export function lastFailure(state: ConnectionState, namespace: string): RefreshFailure | undefined {
  const { lastOutcome, lastErrorCode: code, lastErrorMessage, lastErrorSource: source } = state;
  if (lastOutcome === undefined || lastOutcome === 'refreshed' || code === undefined) return undefined;
  const message = lastErrorMessage ?? code;
  const failure: Pick<Failure, 'outcome' | 'source' | 'kind' | 'code' | 'message'> = {
    outcome: lastOutcome,
    source: source ?? 'connection',
    ...(state.lastErrorKind === undefined ? {} : { kind: state.lastErrorKind }),
    code,
    message,
  };
  const { name, definition } = state;
  const credentials = secretOf(definition, namespace);
  return { code, message, remedy: remedy(failure, { name, credentials, grants: definition.grants ?? [] }) };
}

/** `undefined` where the connection needs none. A definition that cannot be read may have none either. */
function secretOf(
  { credentials, identity }: Partial<ConnectionState['definition']>,
  namespace: string,
): string | undefined {
  if (typeof credentials === 'object') return credentials.secretArn;
  if (credentials === undefined && identity !== undefined) return undefined;
  return `${namespace}/credentials/${credentials ?? '…'}`;
}
