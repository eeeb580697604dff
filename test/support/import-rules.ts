import { posix } from 'node:path';

/** A source file, its path from the root of the repository, and all that it imports. */
export interface Source {
  readonly path: string;
  readonly imports: readonly string[];
}

/** Which files of the repository those in one place may import. The longest `place` that fits counts. */
interface PlaceRule {
  /** A folder, ending in `/`, or a file. */
  readonly place: string;
  /** Folders and files that it may import. */
  readonly mayImport: readonly string[];
}

/** A package that only some files may import. */
interface PackageRule {
  readonly packages: RegExp;
  readonly within: readonly string[];
  /** The only files, or folders, within that may import it. */
  readonly only: readonly string[];
}

/** How text from elsewhere is shown: for everyone who shows any. */
const TEXT = 'functions/text/';

/** What shows how connections stand, whoever serves it. */
const STATUS_PAGE = 'functions/status-page/';

const PURE = [TEXT, 'functions/oauth/', 'functions/connections/', 'functions/refresh/', STATUS_PAGE];

/** What a connection and its state are, in words that every room of the refresh shares. */
const VOCABULARY = [
  'functions/refresh/connection-state.ts',
  'functions/connections/',
  'functions/oauth/',
  TEXT,
];

export const PLACE_RULES: readonly PlaceRule[] = [
  { place: TEXT, mayImport: [TEXT] },
  { place: 'functions/oauth/', mayImport: ['functions/oauth/', TEXT] },
  { place: 'functions/connections/', mayImport: ['functions/connections/', 'functions/oauth/', TEXT] },
  {
    place: 'functions/providers/',
    mayImport: ['functions/providers/', 'functions/connections/', 'functions/oauth/', TEXT],
  },
  {
    place: 'functions/refresh/',
    mayImport: ['functions/refresh/', 'functions/connections/', 'functions/oauth/', TEXT],
  },
  // The rooms of the refresh. Who enters by another door than the entry points does so here by name.
  { place: 'functions/refresh/ports/', mayImport: ['functions/refresh/ports/', ...VOCABULARY] },
  {
    place: 'functions/refresh/rules/',
    mayImport: ['functions/refresh/rules/', 'functions/refresh/ports/', ...VOCABULARY],
  },
  {
    place: 'functions/refresh/steps/',
    mayImport: [
      'functions/refresh/steps/',
      'functions/refresh/rules/',
      'functions/refresh/ports/',
      'functions/refresh/attempt-ledger.ts',
      'functions/refresh/cooldowns.ts',
      'functions/refresh/refresh-run.ts',
      'functions/refresh/retry-until.ts',
      ...VOCABULARY,
    ],
  },
  {
    place: STATUS_PAGE,
    mayImport: [
      STATUS_PAGE,
      'functions/refresh/ports/',
      'functions/refresh/rules/',
      'functions/refresh/refresh-result.ts',
      // Where a token lies, by name: data, no adapter.
      'functions/aws/resource-names.ts',
      ...VOCABULARY,
    ],
  },
  {
    place: 'functions/aws/',
    mayImport: ['functions/aws/', 'functions/refresh/ports/', 'functions/refresh/rules/', ...VOCABULARY],
  },
  { place: 'functions/handlers/', mayImport: ['functions/handlers/', ...PURE] },
  {
    place: 'functions/handlers/composition.ts',
    mayImport: ['functions/handlers/', 'functions/aws/', 'functions/providers/', ...PURE],
  },
  { place: 'reader/', mayImport: ['reader/'] },
  { place: 'cli/', mayImport: ['cli/', 'functions/'] },
  {
    place: 'infra/',
    mayImport: [
      'infra/',
      TEXT,
      'functions/connections/',
      'functions/oauth/',
      'functions/providers/',
      'functions/handlers/config.ts',
      // Names and shapes that templates and code must agree on: data, no adapter.
      'functions/aws/resource-names.ts',
      'functions/aws/state-table/state-table-definition.ts',
    ],
  },
  // What becomes of the sources: it reads them, and runs none.
  { place: 'build/', mayImport: ['build/', 'infra/'] },
  { place: 'local/', mayImport: ['local/', 'functions/', 'cli/', 'reader/'] },
  { place: 'local/aws/', mayImport: ['local/aws/'] },
  {
    place: 'bench/',
    // How handlers are bundled: what is measured is what is deployed.
    mayImport: [
      'bench/',
      'functions/',
      'infra/assemble-bundle.ts',
      'infra/build-bundles.ts',
      'infra/bundle-options.ts',
      'infra/handler-bundle.ts',
      'local/',
      'reader/',
      'test/support/',
    ],
  },
  { place: 'examples/', mayImport: ['examples/', 'functions/', 'infra/', 'reader/'] },
  { place: 'test/', mayImport: [''] },
];

export const PACKAGE_RULES: readonly PackageRule[] = [
  {
    packages: /^(@aws-sdk|@smithy)\//,
    within: ['functions/'],
    only: ['functions/aws/', 'functions/handlers/composition.ts'],
  },
  {
    packages: /^(@aws-lambda-powertools|@middy)\//,
    within: ['functions/', 'reader/'],
    only: ['functions/aws/', 'functions/handlers/'],
  },
  {
    packages: /^(aws-cdk-lib|constructs)(\/|$)/,
    within: ['functions/', 'reader/', 'cli/', 'local/'],
    only: [],
  },
  {
    packages: /^undici(\/|$)/,
    within: ['functions/', 'reader/'],
    only: ['functions/oauth/transport/'],
  },
  {
    packages: /^node:(fs|net|http|https|http2|tls|dns|child_process|timers|worker_threads)(\/|$)/,
    within: PURE,
    only: ['functions/oauth/transport/'],
  },
];

/** Who imports what it may not, in a sentence each. */
export function importViolations(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, imports }) =>
    imports.flatMap((name) => {
      const target = targetOf(path, name);
      return target === undefined ? packageViolations(path, name) : placeViolations(path, target);
    }),
  );
}

/** The circles among the sources, each once, as the files on it. */
export function importCircles(sources: readonly Source[]): string[][] {
  const graph = new Map(
    sources.map(({ path, imports }) => [path, imports.flatMap((name) => targetOf(path, name) ?? [])]),
  );
  const done = new Set<string>();
  const circles: string[][] = [];
  const visit = (path: string, trail: readonly string[]) => {
    const start = trail.indexOf(path);
    if (start >= 0) circles.push([...trail.slice(start), path]);
    if (start >= 0 || done.has(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return circles;
}

/** The file that a relative import leads to; `undefined` for a package. */
function targetOf(path: string, name: string): string | undefined {
  return name.startsWith('.') ? posix.join(posix.dirname(path), name) : undefined;
}

function placeViolations(path: string, target: string): string[] {
  const rule = PLACE_RULES.filter(({ place }) => path.startsWith(place)).sort(
    (one, other) => other.place.length - one.place.length,
  )[0];
  if (rule === undefined || rule.mayImport.some((place) => target.startsWith(place))) return [];
  return [`${path} imports ${target}; files of ${rule.place} may import ${rule.mayImport.join(', ')}`];
}

function packageViolations(path: string, name: string): string[] {
  const isIn = (places: readonly string[]) => places.some((place) => path.startsWith(place));
  return PACKAGE_RULES.filter(
    ({ packages, within, only }) => packages.test(name) && isIn(within) && !isIn(only),
  ).map(
    ({ within, only }) =>
      `${path} imports ${name}; within ${within.join(', ')} ${only.length === 0 ? 'nothing' : `only ${only.join(', ')}`} may`,
  );
}
