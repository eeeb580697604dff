import { StoreError } from '../../functions/refresh/ports/stores.ts';

/** Every operation of Secrets Manager is eventually consistent: within seconds. */
const LAG_MS = 10_000;
const KEPT_VERSIONS = 100;
const DAY_MS = 24 * 3_600_000;

interface StoredVersion {
  readonly versionId: string;
  readonly content: string;
  readonly createdAt: number;
  /** Of all writes to any secret. */
  readonly order: number;
  stages: string[];
}

/** One read version: what GetSecretValue answers. */
export type SecretVersion = Readonly<Omit<StoredVersion, 'stages'>> & { readonly stages: readonly string[] };

/** The rules of Secrets Manager for versions and staging labels, in memory. */
export class MemorySecrets {
  readonly #secrets = new Map<string, StoredVersion[]>();
  /** Each secret as it was before its last write. */
  readonly #before = new Map<string, readonly SecretVersion[]>();
  readonly #now: () => number;
  #isLagging = false;
  #writes = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The same secrets, which go their own way from now on. */
  copy(now: () => number): MemorySecrets {
    const copy = new MemorySecrets(now);
    for (const [name, versions] of this.#secrets) {
      copy.#secrets.set(
        name,
        versions.map((version) => ({ ...version, stages: [...version.stages] })),
      );
    }
    for (const [name, versions] of this.#before) copy.#before.set(name, versions);
    copy.#writes = this.#writes;
    return copy;
  }

  get(name: string, which: { versionId?: string; stage?: string }): SecretVersion | undefined {
    const versions = this.#readable(name);
    const found = which.versionId
      ? versions.find(({ versionId }) => versionId === which.versionId)
      : versions.find(({ stages }) => stages.includes(which.stage ?? 'AWSCURRENT'));
    return found && { ...found, stages: [...found.stages] };
  }

  /** @throws StoreError `conflict` when the id was used with other content */
  put(name: string, content: string, versionId: string): readonly string[] {
    const versions = this.#secrets.get(name) ?? [];
    const same = versions.find((version) => version.versionId === versionId);
    if (same) {
      if (same.content === content) return [...same.stages];
      throw new StoreError('conflict', 'ResourceExistsException', 'the version exists with other content');
    }
    const young = versions.filter(({ createdAt }) => this.#now() - createdAt < DAY_MS);
    if (young.length > KEPT_VERSIONS) {
      throw new StoreError('limit', 'LimitExceededException', 'too many versions within a day');
    }
    this.#before.set(name, this.versions(name));
    for (const version of versions) {
      const wasCurrent = version.stages.includes('AWSCURRENT');
      version.stages = wasCurrent
        ? ['AWSPREVIOUS']
        : version.stages.filter((stage) => stage !== 'AWSPREVIOUS');
    }
    this.#writes += 1;
    const order = this.#writes;
    versions.push({ versionId, content, createdAt: this.#now(), order, stages: ['AWSCURRENT'] });
    this.#secrets.set(name, versions.length > KEPT_VERSIONS ? this.#pruned(versions) : versions);
    return ['AWSCURRENT'];
  }

  #pruned(versions: readonly StoredVersion[]): StoredVersion[] {
    const isKept = ({ stages, createdAt }: StoredVersion) =>
      stages.length > 0 || this.#now() - createdAt < DAY_MS;
    return versions.filter((version, index) => isKept(version) || index >= versions.length - KEPT_VERSIONS);
  }

  /** Runs one read as a replica would that has not heard of the last write yet, if it is some seconds old. */
  async lagging<T>(read: () => Promise<T>): Promise<T> {
    this.#isLagging = true;
    try {
      return await read();
    } finally {
      this.#isLagging = false;
    }
  }

  #readable(name: string): readonly SecretVersion[] {
    const versions = this.#secrets.get(name) ?? [];
    const isYoung = this.#now() - (versions.at(-1)?.createdAt ?? 0) < LAG_MS;
    return this.#isLagging && isYoung ? (this.#before.get(name) ?? []) : versions;
  }

  /** Every version of a secret, oldest first. */
  versions(name: string): readonly SecretVersion[] {
    return (this.#secrets.get(name) ?? []).map((version) => ({ ...version, stages: [...version.stages] }));
  }
}
