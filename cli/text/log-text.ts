import { inertStart } from '../../functions/text/inert.ts';
import type { LogEvent } from '../aws/function-logs.ts';
import type { Paint, Style } from './colour.ts';
import { inlineJson } from './inline-json.ts';

/** A line of a log as a script gets it. */
export interface LogLine {
  /** ISO 8601. */
  readonly at: string;
  /** Such as `refresh-due`. */
  readonly function: string;
  /** `null` where the line is no JSON of the functions' own. */
  readonly level: string | null;
  readonly message: string;
  /** What else stands in the line. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** What every line of the functions' log has, and says nothing of the connection. */
const SURROUNDINGS = new Set([
  'cold_start',
  'function_arn',
  'function_memory_size',
  'function_name',
  'function_request_id',
  'sampling_rate',
  'service',
  'timestamp',
  'xray_trace_id',
  'connection',
]);

export function logLine({ at, handler, text }: LogEvent): LogLine {
  const instant = new Date(at).toISOString();
  const { level, message, ...rest } = parsed(text) ?? {};
  if (typeof level !== 'string' || typeof message !== 'string') {
    return { at: instant, function: handler, level: null, message: text.trimEnd(), details: {} };
  }
  const details = Object.fromEntries(Object.entries(rest).filter(([key]) => !SURROUNDINGS.has(key)));
  return { at: instant, function: handler, level, message, details };
}

const STYLES: Readonly<Record<string, Style>> = { ERROR: 'red', WARN: 'yellow' };

/** One line for a person. */
export function logText({ at, function: handler, level, message, details }: LogLine, paint: Paint): string {
  const said = Object.entries(details).map(
    ([key, value]) => `${inertStart(key)}: ${inertStart(valueText(value))}`,
  );
  const style = STYLES[level ?? ''];
  const mark = (level ?? '').padEnd(5);
  const head = `${at}  ${handler.padEnd(11)}  ${style === undefined ? inertStart(mark) : paint(style, mark)}`;
  const tail = said.length === 0 ? '' : ` (${said.join(', ')})`;
  return `${head}  ${inertStart(message)}${tail}`;
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : inlineJson(value);
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
