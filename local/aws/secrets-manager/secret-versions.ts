import { isDeepStrictEqual } from 'node:util';
import { AwsError } from '../wire/error-answer.ts';
import { invalid } from './secret-input.ts';
import type { SecretRecord, SecretValue, SecretVersion } from './secret-record.ts';

export const CURRENT = 'AWSCURRENT';
export const PREVIOUS = 'AWSPREVIOUS';
export const PENDING = 'AWSPENDING';

/** Versions that are kept whatever their age, and how many may be younger than a version day. */
const VERSIONS_KEPT = 100;
const LABELS_PER_SECRET = 20;

export interface NewVersion {
  readonly versionId: string;
  readonly value: SecretValue;
  /** Absent: AWSCURRENT. */
  readonly stages?: readonly string[] | undefined;
}

/**
 * Adds a version and moves its labels, or answers with the version that is there already with the same
 * content.
 * @param versionDayMs how long every version is kept
 * @throws AwsError `ResourceExistsException`, `LimitExceededException`
 */
export function putVersion(
  record: SecretRecord,
  version: NewVersion,
  now: number,
  versionDayMs: number,
): SecretVersion {
  const existing = record.versions.find(({ versionId }) => versionId === version.versionId);
  if (existing?.value) {
    if (isDeepStrictEqual(existing.value, version.value)) return existing;
    throw new AwsError(
      'ResourceExistsException',
      `You can't use ClientRequestToken ${version.versionId} because that value is already in use for a ` +
        `version of secret ${record.arn}.`,
    );
  }
  if (existing) return fill(record, existing, version, now);
  const isYoung = ({ createdAt }: SecretVersion) => now - createdAt < versionDayMs;
  if (record.versions.filter(isYoung).length >= VERSIONS_KEPT) {
    throw new AwsError('LimitExceededException', 'The secret has reached its quota of versions.');
  }
  const stages = new Set(version.stages ?? [CURRENT]);
  if (record.versions.length === 0) stages.add(CURRENT);
  checkLabelCount(record, stages);

  const added: SecretVersion = {
    versionId: version.versionId,
    createdAt: now,
    value: version.value,
    stages: [],
  };
  record.versions.push(added);
  for (const stage of stages) attach(record, stage, added);
  record.changedAt = now;
  dropDeprecated(record, isYoung);
  return added;
}

/** The secret as it was before its latest version came: AWSCURRENT was on the version that is AWSPREVIOUS now. */
export function beforeLatestVersion(record: SecretRecord): SecretRecord {
  const versions = record.versions.slice(0, -1).map((version) => ({
    ...version,
    stages: version.stages.map((stage) => (stage === PREVIOUS ? CURRENT : stage)),
  }));
  return { ...record, versions };
}

/** Reserves a version for a rotation: labelled AWSPENDING, without a value. */
export function reserveVersion(record: SecretRecord, versionId: string, now: number): void {
  const reserved: SecretVersion = { versionId, createdAt: now, stages: [] };
  checkLabelCount(record, [PENDING]);
  record.versions.push(reserved);
  attach(record, PENDING, reserved);
}

/** Gives a reserved version its value. */
function fill(record: SecretRecord, reserved: SecretVersion, version: NewVersion, now: number) {
  const stages = version.stages ?? [CURRENT];
  checkLabelCount(record, stages);
  reserved.value = version.value;
  reserved.createdAt = now;
  for (const stage of stages) attach(record, stage, reserved);
  record.changedAt = now;
  return reserved;
}

/**
 * Moves one label, or takes it away.
 * @throws AwsError `InvalidParameterException`, `LimitExceededException`
 */
export function moveStage(
  record: SecretRecord,
  stage: string,
  move: { readonly from?: string | undefined; readonly to?: string | undefined },
  now: number,
): void {
  if (move.from === undefined && move.to === undefined) {
    throw invalid('You must provide RemoveFromVersionId, MoveToVersionId or both.');
  }
  const from = move.from === undefined ? undefined : versionNamed(record, move.from);
  const to = move.to === undefined ? undefined : versionNamed(record, move.to);
  const holder = record.versions.find(({ stages }) => stages.includes(stage));
  if (from && from !== holder) {
    throw invalid(`Version stage ${stage} not found in version ${from.versionId}`);
  }
  if (to && holder && holder !== to && !from) {
    throw invalid(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to ` +
        `version ${holder.versionId}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
  if (!to && stage === CURRENT) {
    throw invalid(
      "You can only move staging label AWSCURRENT to a different secret version. It can't be removed.",
    );
  }
  if (to) {
    checkLabelCount(record, [stage]);
    attach(record, stage, to);
  } else if (from) {
    detach(from, stage);
  }
  record.changedAt = now;
}

/** Every label sits on one version at most; AWSPREVIOUS follows where AWSCURRENT came from. */
function attach(record: SecretRecord, stage: string, version: SecretVersion): void {
  const holder = record.versions.find(({ stages }) => stages.includes(stage));
  if (holder === version) return;
  if (holder) detach(holder, stage);
  version.stages.push(stage);
  if (stage !== CURRENT) return;
  detach(version, PREVIOUS);
  if (holder) attach(record, PREVIOUS, holder);
}

function detach(version: SecretVersion, stage: string): void {
  version.stages = version.stages.filter((label) => label !== stage);
}

/** Unlabelled versions go, oldest first, until 100 are left; a young one stays. */
function dropDeprecated(record: SecretRecord, isYoung: (version: SecretVersion) => boolean): void {
  let surplus = record.versions.length - VERSIONS_KEPT;
  record.versions = record.versions.filter((version) => {
    const drop = surplus > 0 && version.stages.length === 0 && !isYoung(version);
    if (drop) surplus -= 1;
    return !drop;
  });
}

function checkLabelCount(record: SecretRecord, added: Iterable<string>): void {
  const labels = new Set([...record.versions.flatMap(({ stages }) => stages), ...added]);
  if (labels.size > LABELS_PER_SECRET) {
    throw new AwsError('LimitExceededException', 'The secret has reached its quota of 20 staging labels.');
  }
}

function versionNamed(record: SecretRecord, versionId: string): SecretVersion {
  const version = record.versions.find((candidate) => candidate.versionId === versionId);
  if (!version) throw invalid(`Not a valid version: ${versionId}`);
  return version;
}
