import { inertStart } from '../../functions/text/inert.ts';
import { thousands } from '../../functions/text/thousands.ts';
import type { ImportReport } from '../import/import-all.ts';
import type { Imported } from '../import/import-connection.ts';
import { countText } from './table.ts';

const MOST_FAILURES = 10;
const MOST_CREDENTIALS = 10;

export function importText({ imported, failed, credentials }: ImportReport): string {
  const all = [...imported.values()];
  const declarations = counts(all, 'declaration', ['created', 'updated', 'unchanged']);
  const tokens = counts(all, 'refreshToken', ['stored', 'kept']);
  const failures = [...failed].map(([name, reason]) => `${name}: ${reason}`);
  const more = failures.length - MOST_FAILURES;
  return [
    `${countText(imported.size, 'connection')}${declarations === '' ? '' : `: ${declarations}`}.`,
    ...(tokens === '' ? [] : [`Refresh tokens: ${tokens}.`]),
    ...[...credentials].slice(0, MOST_CREDENTIALS).map(credentialsText),
    ...(failures.length > 0 ? [`${countText(failures.length, 'connection')} failed:`] : []),
    ...failures.slice(0, MOST_FAILURES).map((line) => `  ${inertStart(line)}`),
    ...(more > 0 ? [`  … and ${more} more`] : []),
  ].join('\n');
}

function credentialsText([name, origins]: [string, readonly string[]]): string {
  const bond =
    origins.length > 0
      ? `may be sent to ${origins.join(', ')}`
      : 'nothing says yet where they may be sent: evertoken credentials set does';
  return `Credentials "${name}" are yet to be stored, and ${bond}.`;
}

export function importJson({ imported, failed, credentials, left }: ImportReport) {
  return {
    imported: [...imported].map(([connection, result]) => ({ connection, ...result })),
    failed: [...failed].map(([connection, reason]) => ({ connection, reason })),
    credentials: [...credentials].map(([name, origins]) => ({
      credentials: name,
      allowedTokenOrigins: origins.length > 0 ? origins : null,
    })),
    left,
  };
}

function counts<Key extends keyof Imported>(
  all: readonly Imported[],
  key: Key,
  values: readonly Imported[Key][],
): string {
  return values
    .map((value) => [value, all.filter((each) => each[key] === value).length] as const)
    .filter(([, count]) => count > 0)
    .map(([value, count]) => `${thousands(count)} ${value}`)
    .join(', ');
}
