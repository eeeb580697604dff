/** Licences that a package may have which ships, or is installed, with the project. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Python-2.0',
  'Unlicense',
]);

/** Licences that ask for something only of those who change or pass on the package itself. */
const ALLOWED_FOR_DEVELOPMENT = new Set([...ALLOWED, 'CC-BY-4.0', 'MPL-2.0']);

/** Whether an SPDX expression leaves a choice that the project allows. No expression allows nothing. */
export function isAllowedLicence(expression: string | undefined, development: boolean): boolean {
  const allowed = development ? ALLOWED_FOR_DEVELOPMENT : ALLOWED;
  const plain = (expression ?? '').replace(/[()]/g, ' ').trim();
  return plain
    .split(/\s+OR\s+/)
    .some((choice) => choice.split(/\s+AND\s+/).every((id) => allowed.has(id.trim())));
}
