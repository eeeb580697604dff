/** Something that must not be committed. */
export interface Forbidden {
  readonly what: string;
  readonly pattern: RegExp;
  /** Only in files whose path matches. */
  readonly files?: RegExp;
}

const CODE = /\.(ts|js|mjs|json)$/;

/** Written in pieces where the pattern would otherwise find itself. */
export const FORBIDDEN: readonly Forbidden[] = [
  { what: 'a path of one machine', pattern: /(?<![\w.~-])\/(?:work|home|root|Users|farm)\/[\w.-]/ },
  { what: 'the host of a package registry', pattern: /\bregistry\.[a-z]+\.(?:org|com|dev)\b/ },
  { what: 'a left-over', pattern: /\b(?:TO[D]O|FIX[M]E|XX[X]|HAC[K])\b/ },
  { what: 'a private key', pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----\s*(?:\\n)?[A-Za-z0-9+/]{32}/ },
  { what: 'an access key of AWS', pattern: /\b(?:AKIA|ASIA)(?![A-Z0-9]*EXAMPLE)[A-Z0-9]{16}\b/ },
  {
    what: 'a test that stands alone or is left out',
    pattern: /\b(?:test|it|describe)\.(?:only|skip|todo)\b/,
    files: /\.test\.ts$/,
  },
  { what: 'a silenced type error', pattern: /@ts-(?:ignore|nocheck)\b/, files: CODE },
  { what: 'a breakpoint', pattern: /^\s*debugger\b/m, files: CODE },
];

/** What is forbidden in a file, with the line. */
export function forbiddenIn(path: string, text: string): string[] {
  return FORBIDDEN.filter(({ files }) => files === undefined || files.test(path)).flatMap(
    ({ what, pattern }) => {
      const at = text.search(pattern);
      return at < 0 ? [] : [`${path}:${text.slice(0, at).split('\n').length} holds ${what}`];
    },
  );
}
