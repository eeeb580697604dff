/** What `package-lock.json` says of one package. */
export interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly inBundle?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Packages by their path, the project itself at the empty one. */
export type LockedPackages = Readonly<Record<string, LockedPackage>>;

/**
 * Dependencies without an entry. `npm ci` refuses such a lockfile, and npm writes one when a registry
 * lacks a package for another platform.
 */
export function missingFromLockfile(packages: LockedPackages): string[] {
  return Object.entries(packages).flatMap(([path, { dependencies, devDependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...(path === '' && devDependencies), ...optionalDependencies })
      .filter((name) => !isFound(packages, path, name))
      .map((name) => `${path || 'the project'} needs ${name}`),
  );
}

/** As Node looks for a package: beside the one that needs it, then in every folder above. */
function isFound(packages: LockedPackages, path: string, name: string): boolean {
  const inside = `${path === '' ? '' : `${path}/`}node_modules/${name}`;
  if (packages[inside] !== undefined) return true;
  if (path === '') return false;
  const above = path.lastIndexOf('/node_modules/');
  return isFound(packages, above < 0 ? '' : path.slice(0, above), name);
}
