import { inertStart } from '../../functions/text/inert.ts';
import type { PresetReport } from '../providers/check-preset.ts';
import type { Paint } from './colour.ts';
import { countText } from './table.ts';

/** Each file in a line, with what was found below it. */
export function presetReportText(reports: readonly PresetReport[], paint: Paint): string {
  return reports.map((report) => reportText(report, paint)).join('\n');
}

function reportText({ file, experimental, replayed, findings }: PresetReport, paint: Paint): string {
  const errors = findings.filter(({ level }) => level === 'error').length;
  const verdict =
    errors > 0
      ? paint('red', countText(errors, 'error'))
      : `${paint('green', 'ok')}, ${countText(replayed, 'example')} replayed`;
  const lines = findings.map(
    ({ level, message }) => `  ${paint(level === 'error' ? 'red' : 'yellow', level)}: ${inertStart(message)}`,
  );
  const because = experimental.map((reason) => `  ${paint('yellow', 'experimental')}: ${inertStart(reason)}`);
  return [`${inertStart(file)}: ${verdict}`, ...lines, ...because].join('\n');
}
