import type { StoreError } from '../../functions/refresh/ports/stores.ts';
import { explainStoreError, type Where, yourRemedy } from '../explain-error.ts';

/** One thing that was looked at. */
export interface Finding {
  /** What was looked at: a connection, or a part of the deployment. */
  readonly subject: string;
  /** An `error` keeps tokens from being refreshed; a `warning` may. */
  readonly level: 'ok' | 'warning' | 'error';
  /** A whole sentence. */
  readonly message: string;
  /** What to do; `null` where nothing needs doing. */
  readonly remedy: string | null;
}

export function fine(subject: string, message: string): Finding {
  return { subject, level: 'ok', message, remedy: null };
}

export function trouble(
  level: 'warning' | 'error',
  subject: string,
  message: string,
  remedy: string,
): Finding {
  return { subject, level, message, remedy };
}

/** A refusal of AWS's; `remedy` where it is a matter of permissions, as most are. */
export function storeTrouble(subject: string, error: StoreError, where: Where, remedy: string): Finding {
  const other = yourRemedy(error);
  return other === undefined
    ? trouble('error', subject, explainStoreError(error, where), remedy)
    : trouble('error', subject, `${error.message}.`, other);
}
