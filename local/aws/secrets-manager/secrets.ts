import { arn, type Identity } from '../caller-identity.ts';
import { AwsError } from '../wire/error-answer.ts';
import type { SecretRecord, SecretsState, SecretVersion } from './secret-record.ts';
import { CURRENT, type NewVersion, putVersion } from './secret-versions.ts';

const SUFFIX_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const SUFFIX_LENGTH = 6;
const DAY_MS = 86_400_000;

/** What a new secret may carry besides its name and value. */
export type SecretDetails = Pick<SecretRecord, 'description' | 'kmsKeyId' | 'tags'>;

export interface DeletedSecret {
  readonly arn: string;
  readonly name: string;
  /** Epoch milliseconds. */
  readonly goneAt: number;
}

/** The secrets of one account and Region. Methods throw AwsError with Secrets Manager's names. */
export class Secrets {
  readonly #identity: Identity;
  readonly #versionDayMs: number;
  readonly #byName = new Map<string, SecretRecord>();

  /** @param versionDayMs how long every version is kept and counts against the quota */
  constructor(identity: Identity, versionDayMs: number) {
    this.#identity = identity;
    this.#versionDayMs = versionDayMs;
  }

  restore(state: SecretsState): void {
    for (const record of state.secrets) this.#byName.set(record.name, record);
  }

  snapshot(): SecretsState {
    return { schema: 1, secrets: this.all() };
  }

  /** Every secret, those marked for deletion included. */
  all(): SecretRecord[] {
    return [...this.#byName.keys()].flatMap((name) => this.#kept(name) ?? []);
  }

  /** Creates a secret, empty when no version is given. */
  create(name: string, details: SecretDetails, version?: NewVersion): SecretRecord {
    const existing = this.#lookUp(name);
    if (existing?.deletion) {
      throw invalidRequest(
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
      );
    }
    if (existing) return this.#createAgain(existing, version);
    const now = this.#now();
    const record: SecretRecord = {
      ...details,
      arn: this.#newArn(name),
      name,
      createdAt: now,
      changedAt: now,
      versions: [],
    };
    if (version) putVersion(record, version, now, this.#versionDayMs);
    this.#byName.set(name, record);
    return record;
  }

  put(secretId: string, version: NewVersion): { record: SecretRecord; version: SecretVersion } {
    const record = this.active(secretId);
    return { record, version: putVersion(record, version, this.#now(), this.#versionDayMs) };
  }

  /** The version by id, by label, or by both when they agree; AWSCURRENT by default. It has a value. */
  version(record: SecretRecord, versionId: string | undefined, stage: string | undefined): SecretVersion {
    const found = this.#version(record, versionId, stage);
    if (found.value) return found;
    throw notFound(`Secrets Manager can't find the specified secret value for VersionId: ${found.versionId}`);
  }

  #version(record: SecretRecord, versionId: string | undefined, stage: string | undefined): SecretVersion {
    if (versionId === undefined) {
      const label = stage ?? CURRENT;
      const labelled = record.versions.find(({ stages }) => stages.includes(label));
      if (!labelled)
        throw notFound(`Secrets Manager can't find the specified secret value for staging label: ${label}`);
      return labelled;
    }
    const named = record.versions.find((version) => version.versionId === versionId);
    if (!named)
      throw notFound(`Secrets Manager can't find the specified secret value for VersionId: ${versionId}`);
    if (stage !== undefined && !named.stages.includes(stage)) {
      throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.');
    }
    return named;
  }

  /** The secret by name, ARN, or ARN without its random suffix; also one that is marked for deletion. */
  find(secretId: string): SecretRecord {
    const record = this.#lookUp(secretId);
    if (!record) throw notFound("Secrets Manager can't find the specified secret.");
    return record;
  }

  reference(secretId: string): { arn: string; keyId: string | undefined } | undefined {
    const record = this.#lookUp(secretId);
    return record && { arn: record.arn, keyId: record.kmsKeyId };
  }

  /** As `find`, for operations that a secret marked for deletion refuses. */
  active(secretId: string): SecretRecord {
    const record = this.find(secretId);
    if (record.deletion) {
      throw invalidRequest(
        "You can't perform this operation on the secret because it was marked for deletion.",
      );
    }
    return record;
  }

  /** Marks for deletion; the secret is gone after `recoveryDays`. */
  delete(secretId: string, recoveryDays: number): DeletedSecret {
    const record = this.active(secretId);
    const markedAt = this.#now();
    const goneAt = markedAt + recoveryDays * DAY_MS;
    record.deletion = { markedAt, goneAt };
    return { arn: record.arn, name: record.name, goneAt };
  }

  /** Takes the mark for deletion away. */
  restoreDeleted(secretId: string): SecretRecord {
    const record = this.find(secretId);
    delete record.deletion;
    return record;
  }

  /** Deletes at once. A secret that does not exist is no error: the answer has a made-up ARN, as AWS's has. */
  forceDelete(secretId: string): DeletedSecret {
    const record = this.#lookUp(secretId);
    if (record) this.#byName.delete(record.name);
    const name = record?.name ?? secretId;
    return { arn: record?.arn ?? this.#newArn(name), name, goneAt: this.#now() };
  }

  #createAgain(existing: SecretRecord, version: NewVersion | undefined): SecretRecord {
    const before = version && existing.versions.some(({ versionId }) => versionId === version.versionId);
    if (!before) {
      throw new AwsError(
        'ResourceExistsException',
        `The operation failed because the secret ${existing.name} already exists.`,
      );
    }
    putVersion(existing, version, this.#now(), this.#versionDayMs);
    return existing;
  }

  #lookUp(secretId: string): SecretRecord | undefined {
    if (!secretId.startsWith('arn:')) return this.#kept(secretId);
    const prefix = arn(this.#identity, 'secretsmanager', 'secret:');
    if (!secretId.startsWith(prefix)) return undefined;
    const rest = secretId.slice(prefix.length);
    const full = this.#kept(rest.slice(0, -SUFFIX_LENGTH - 1));
    return full?.arn === secretId ? full : this.#kept(rest);
  }

  /** Unless its recovery window has passed. */
  #kept(name: string): SecretRecord | undefined {
    const record = this.#byName.get(name);
    if (record?.deletion && record.deletion.goneAt <= this.#now()) {
      this.#byName.delete(name);
      return undefined;
    }
    return record;
  }

  /** With six random characters at its end, so that a secret made anew has another ARN. */
  #newArn(name: string): string {
    const letter = () =>
      SUFFIX_ALPHABET[Math.floor(this.#identity.random.fraction() * SUFFIX_ALPHABET.length)];
    const suffix = Array.from({ length: SUFFIX_LENGTH }, letter).join('');
    return arn(this.#identity, 'secretsmanager', `secret:${name}-${suffix}`);
  }

  #now(): number {
    return this.#identity.clock.now();
  }
}

function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message);
}

export function invalidRequest(message: string): AwsError {
  return new AwsError('InvalidRequestException', message);
}
