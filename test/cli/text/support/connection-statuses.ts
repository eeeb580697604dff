import type { ConnectionStatus } from '../../../../cli/connections/connection-status.ts';

export const NOW = Date.UTC(2030, 0, 1, 12);
const HOUR = 3_600_000;

const iso = (at: number) => new Date(at).toISOString();

/** A healthy connection whose token lives an hour more, but for what is changed. */
export function statusAs(connection: string, change: Partial<ConnectionStatus> = {}): ConnectionStatus {
  return {
    connection,
    health: 'healthy',
    expiresAt: iso(NOW + HOUR),
    nextDueAt: iso(NOW + HOUR / 2),
    lastOutcome: 'refreshed',
    obtainedAt: iso(NOW - HOUR),
    publishedTo: `evertoken/tokens/${connection}`,
    refreshTokenExpiresAt: null,
    refreshes: 1,
    failingSince: null,
    error: null,
    need: null,
    misfit: null,
    credentialsSentTo: 'https://idp.example.com',
    newOrigin: null,
    ...change,
  };
}

/** One that a person is needed for. */
export function needing(
  connection: string,
  { code, message, remedy }: { code: string; message: string; remedy: string },
  sinceHours = 1,
): ConnectionStatus {
  const since = iso(NOW - sinceHours * HOUR);
  const error = { code, message, remedy };
  return statusAs(connection, {
    health: 'misconfigured',
    lastOutcome: 'misconfigured',
    expiresAt: iso(NOW - HOUR),
    failingSince: since,
    error,
    need: { ...error, since },
  });
}

/** As many as a fleet has that met one trouble: nearly all with the same, each named in its words. */
export function fleet(): ConnectionStatus[] {
  const number = (index: number) => String(index).padStart(3, '0');
  const failing = Array.from({ length: 294 }, (_, index) => {
    const name = `crm-${number(index)}`;
    return needing(
      name,
      {
        code: 'invalid_client',
        message: `The token endpoint answered HTTP 401 after ${index} ms: "${name}" is unknown.`,
        remedy: `Store the credentials in "evertoken/credentials/${name}" again: evertoken credentials set ${name}.`,
      },
      index % 70,
    );
  });
  const well = Array.from({ length: 9 }, (_, index) => statusAs(`books-${number(index)}`));
  return [...well, ...failing];
}
