import type { PermissionReport } from '../local-deployment.ts';
import type { Place } from '../own/place-connection.ts';
import type { JsonEvent } from './json-lines.ts';
import type { ConnectionSummary } from './summary.ts';
import type { Row } from './view.ts';

/** What a run tells of itself when it begins. */
export interface StartReport {
  /** Of the AWS endpoint. */
  readonly endpointUrl: string;
  /** Of the status page. */
  readonly statusUrl: string;
  readonly namespace: string;
  readonly connections: readonly string[];
  readonly tickSeconds: number;
  readonly lifetimeSeconds: number;
  /** By how much waits and quotas shrink; 1: real time. */
  readonly timeScale: number;
}

/** Where a run shows itself. Instants are epoch milliseconds. */
export interface Reporter {
  /** How often it wants to be shown the rows; absent: never. */
  readonly showEveryMs?: number;
  /** What takes a while before the run begins. */
  preparing?(what: string): void;
  /** What was done with each connection of one's own. */
  placed?(places: readonly Place[], at: number): void;
  started(start: StartReport, at: number): void;
  event(event: JsonEvent, at: number): void;
  /** What happens in a demonstration, and what one should see of it. */
  scene?(text: string, at: number): void;
  show(rows: readonly Row[], at: number): void;
  /** `permissions` where they were enforced. */
  ended(summaries: readonly ConnectionSummary[], at: number, permissions?: PermissionReport): void;
}
