import { inertStart } from '../../functions/text/inert.ts';
import type { Finding } from '../doctor/finding.ts';
import type { Paint } from './colour.ts';
import { countText } from './table.ts';

const MARKS = { ok: ['green', 'ok'], warning: ['yellow', 'warning'], error: ['red', 'error'] } as const;

/** Every finding in a line, with its remedy below it. */
export function doctorText(findings: readonly Finding[], paint: Paint): string {
  const lines = findings.map(({ subject, level, message, remedy }) => {
    const [style, mark] = MARKS[level];
    const line = `${paint(style, mark.padEnd(7))}  ${inertStart(subject)}: ${inertStart(message)}`;
    return remedy === null ? line : `${line}\n         To do: ${inertStart(remedy)}`;
  });
  const errors = findings.filter(({ level }) => level === 'error').length;
  const warnings = findings.filter(({ level }) => level === 'warning').length;
  const summary =
    errors + warnings === 0
      ? 'Nothing is wrong that can be seen from here.'
      : `${countText(errors, 'error')}, ${countText(warnings, 'warning')}.`;
  return `${lines.join('\n')}\n\n${summary}`;
}
