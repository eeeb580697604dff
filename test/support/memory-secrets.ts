import { StoreError } from '../../functions/refresh/store-error.ts';

interface StoredVersion {
  readonly versionId: string;
  readonly content: string;
  readonly createdAt: number;
  stages: string[];
}

/** One read version: what GetSecretValue answers. */
export type SecretVersion = Readonly<Omit<StoredVersion, 'stages'>> & { readonly stages: readonly string[] };

/** The rules of Secrets Manager for versions and staging labels, in memory. */
export class MemorySecrets {
  readonly #secrets = new Map<string, StoredVersion[]>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  get(name: string, which: { versionId?: string; stage?: string }): SecretVersion | undefined {
    const versions = this.#secrets.get(name) ?? [];
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
    for (const version of versions) {
      const wasCurrent = version.stages.includes('AWSCURRENT');
      version.stages = wasCurrent
        ? ['AWSPREVIOUS']
        : version.stages.filter((stage) => stage !== 'AWSPREVIOUS');
    }
    versions.push({ versionId, content, createdAt: this.#now(), stages: ['AWSCURRENT'] });
    this.#secrets.set(name, versions);
    return ['AWSCURRENT'];
  }

  /** Every version of a secret, oldest first. */
  versions(name: string): readonly SecretVersion[] {
    return (this.#secrets.get(name) ?? []).map((version) => ({ ...version, stages: [...version.stages] }));
  }
}
