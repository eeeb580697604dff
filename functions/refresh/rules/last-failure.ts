import { type ConnectionState, nextDueAt, type RefreshFailure } from '../connection-state.ts';
import { remedy } from './remedy.ts';
import type { Trouble } from './trouble.ts';

/** What the last try failed with and what to do about it; `undefined` when it did not fail. */
export function lastFailure(state: ConnectionState, namespace: string): RefreshFailure | undefined {
  const { lastOutcome, lastErrorCode: code, lastErrorMessage, lastErrorSource: source } = state;
  if (lastOutcome === undefined || lastOutcome === 'refreshed' || code === undefined) return undefined;
  const message = lastErrorMessage ?? code;
  const trouble: Trouble = {
    outcome: lastOutcome,
    source: source ?? 'connection',
    ...(state.lastErrorKind === undefined ? {} : { kind: state.lastErrorKind }),
    code,
    message,
  };
  const { name, definition } = state;
  const remedied = {
    name,
    credentials: secretOf(definition, namespace),
    grants: definition.grants ?? [],
    dueAt: nextDueAt(state),
    isOpen: state.attempt !== undefined,
  };
  return { code, message, remedy: remedy(trouble, remedied) };
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
