import type { Metafile } from 'esbuild';

/** What `package-lock.json` says of a package, as far as a bill of materials repeats it. */
interface LockedPackage {
  readonly version?: string;
  /** As npm writes it: the algorithm, `-`, and the digest in base64. */
  readonly integrity?: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** `package-lock.json`: packages by their path, the project itself at the empty one. */
export interface Lockfile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/** The project's own `package.json`. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
}

export interface Materials {
  readonly manifest: Manifest;
  readonly lock: Lockfile;
  /** What esbuild says of the bundles. */
  readonly bundles: Pick<Metafile, 'outputs'>;
  /** Epoch seconds that the bill is dated with. Default: it has no date, so that equal builds are equal. */
  readonly dateEpoch?: number | undefined;
}

/** How a component reaches whoever installs the package: within its bundles, or beside it, by npm. */
type Delivery = 'bundled' | 'installed';

/** One version of a package. It may lie at several paths. */
interface Shipped {
  readonly paths: readonly string[];
  readonly deliveries: readonly Delivery[];
}

const DELIVERY_PROPERTY = 'evertoken:delivery';

/**
 * The bill of materials (CycloneDX 1.6) of what is shipped: what the bundles of the functions hold, by what
 * esbuild put into them, and what npm installs beside the package, by the lockfile. Of `npm sbom` it repeats
 * nothing: that one knows nothing of bundles, names the directory it runs in, and is never twice the same.
 * @throws Error when the lockfile lacks a package that is shipped
 */
export function billOfMaterials({ manifest, lock, bundles, dateEpoch }: Materials) {
  const refOf = (path: string) => purl(nameOf(path), lockedAt(lock, path).version ?? '');
  const shipped = new Map<string, Shipped>();
  const note = (path: string, delivery: Delivery) => {
    const { paths = [], deliveries = [] } = shipped.get(refOf(path)) ?? {};
    shipped.set(refOf(path), { paths: [...paths, path], deliveries: [...deliveries, delivery] });
  };
  for (const path of bundledPackages(bundles)) note(path, 'bundled');
  for (const path of installedPackages(lock)) note(path, 'installed');
  const inOrder = [...shipped].sort(([one], [other]) => (one < other ? -1 : 1));
  const needed = (paths: readonly string[]) => {
    const refs = new Set(paths.flatMap((path) => needsOf(lock, path)).map(refOf));
    return inOrder.map(([ref]) => ref).filter((ref) => refs.has(ref));
  };
  const root = purl(manifest.name, manifest.version);
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      ...(dateEpoch !== undefined && { timestamp: new Date(dateEpoch * 1000).toISOString() }),
      lifecycles: [{ phase: 'build' }],
      component: {
        type: 'library',
        'bom-ref': root,
        name: manifest.name,
        version: manifest.version,
        description: manifest.description,
        licenses: licences(manifest.license),
        purl: root,
      },
    },
    components: inOrder.map(([ref, one]) => componentOf(ref, one, lock)),
    dependencies: [
      { ref: root, dependsOn: needed(['']) },
      ...inOrder.map(([ref, { paths }]) => ({ ref, dependsOn: needed(paths) })),
    ],
  };
}

function componentOf(ref: string, { paths: [path = ''], deliveries }: Shipped, lock: Lockfile) {
  const { version, integrity = '', license } = lockedAt(lock, path);
  const [, group, name] = /^(?:(@[^/]+)\/)?(.+)$/.exec(nameOf(path)) ?? [];
  const [algorithm, digest = ''] = integrity.split('-');
  return {
    type: 'library',
    'bom-ref': ref,
    ...(group !== undefined && { group }),
    name,
    version,
    scope: 'required',
    ...(algorithm === 'sha512' && {
      hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }],
    }),
    ...(license !== undefined && { licenses: licences(license) }),
    purl: ref,
    properties: [...new Set(deliveries)].map((value) => ({ name: DELIVERY_PROPERTY, value })),
  };
}

/** Paths of the packages that npm installs for who installs the project. Optional peers are theirs to bring. */
function installedPackages(lock: Lockfile): ReadonlySet<string> {
  const found = new Set<string>();
  const wanted = Object.keys(lockedAt(lock, '').dependencies ?? {}).map((name) => resolve(lock, '', name));
  for (let path = wanted.pop(); path !== undefined; path = wanted.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    wanted.push(...needsOf(lock, path));
  }
  return found;
}

/** Folders of the packages of which a byte is in a bundle, from the root of the repository. */
export function bundledPackages({ outputs }: Pick<Metafile, 'outputs'>): ReadonlySet<string> {
  const inputs = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([input, { bytesInOutput }]) => (bytesInOutput > 0 ? [input] : [])),
  );
  // From the first folder of packages on: the folder may be a link that leads elsewhere.
  const paths = inputs.map(
    (input) => /node_modules\/(?:.*node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(input)?.[0],
  );
  return new Set(paths.filter((path) => path !== undefined));
}

/** Paths of what a package needs; of the project, all that it was built with too. */
function needsOf(lock: Lockfile, path: string): string[] {
  const { dependencies, optionalDependencies, devDependencies } = lockedAt(lock, path);
  const names = Object.keys({
    ...dependencies,
    ...optionalDependencies,
    ...(path === '' && devDependencies),
  });
  return names.map((name) => resolve(lock, path, name));
}

/** As Node looks for a package: beside the one that needs it, then in every folder above. */
function resolve(lock: Lockfile, from: string, name: string): string {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (lock.packages[path] !== undefined) return path;
    if (folder === '')
      throw new Error(`package-lock.json lacks ${name}, which ${from || 'the project'} needs`);
  }
}

function lockedAt({ packages }: Lockfile, path: string): LockedPackage {
  const locked = packages[path];
  if (locked === undefined) throw new Error(`package-lock.json lacks ${path}: run "npm install"`);
  return locked;
}

const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** A package URL: https://github.com/package-url/purl-spec */
const purl = (name: string, version: string) => `pkg:npm/${name.replace('@', '%40')}@${version}`;

/** An SPDX id, or an expression of several. */
function licences(license: string) {
  return / |\(/.test(license) ? [{ expression: license }] : [{ license: { id: license } }];
}
