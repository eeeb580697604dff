import type { Obtained } from './obtained.ts';
import type { RefreshRun } from './refresh-run.ts';

/** Silence means as requested (RFC 6749 section 5.1); a provider that grants less says so. */
export function reportNarrowing({ connection, ports }: RefreshRun, { exchange }: Obtained): void {
  const granted = exchange.token.scope?.split(' ');
  const missing = connection.scope?.split(' ').filter((value) => granted && !granted.includes(value)) ?? [];
  if (missing.length === 0) return;
  ports.log.warn('the provider granted less than the scope that is declared', {
    connection: connection.name,
    missing: missing.join(' '),
  });
}
