/** Licences that a package may have which is passed on with the project. MIT-0 is MIT that asks for nothing. */
const ALLOWED = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0']);

/**
 * For what only the repository installs: MPL-2.0 asks for something only of those who change the package itself,
 * BlueOak-1.0.0 is permissive, and CC-BY-4.0 is that of a table of data.
 */
const ALLOWED_FOR_DEVELOPMENT = new Set([...ALLOWED, 'BlueOak-1.0.0', 'CC-BY-4.0', 'MPL-2.0']);

/** Whether an SPDX expression leaves a choice that the project allows. No expression allows nothing. */
export function isAllowedLicence(expression: string | undefined, development: boolean): boolean {
  const allowed = development ? ALLOWED_FOR_DEVELOPMENT : ALLOWED;
  const plain = (expression ?? '').replace(/[()]/g, ' ').trim();
  return plain
    .split(/\s+OR\s+/)
    .some((choice) => choice.split(/\s+AND\s+/).every((id) => allowed.has(id.trim())));
}

/** The licence that a `package.json` names, also in the forms that npm gave up long ago. */
export function licenceOf(manifest: string): string | undefined {
  const { license, licenses } = JSON.parse(manifest) as {
    readonly license?: string | { readonly type?: string };
    readonly licenses?: readonly { readonly type?: string }[];
  };
  if (license !== undefined) return typeof license === 'string' ? license : license.type;
  return licenses?.map(({ type }) => type ?? 'unknown').join(' OR ');
}
