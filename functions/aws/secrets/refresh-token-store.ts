import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type {
  ReadRefreshTokenOptions,
  RefreshTokenStore,
  RefreshTokenVersion,
} from '../../refresh/ports/stores.ts';
import { memberOf } from '../../refresh/rules/ring.ts';
import { secretName } from '../resource-names.ts';
import {
  type MemberVersion,
  RefreshTokenRing,
  type RingReading,
  writableMembers,
  youngestFirst,
} from './refresh-token-ring.ts';
import { EMPTY_MEMBER, refreshTokenText } from './refresh-token-text.ts';
import { createSecretCalls, type SecretCalls } from './secret-calls.ts';
import type { WritePace } from './write-pace.ts';

export interface RefreshTokenStoreProps {
  readonly client: SecretsManagerClient;
  readonly namespace: string;
  readonly pace: WritePace;
}

/** What was current beside what was read, for `prove`: any other spelling of the same JSON would be a conflict. */
const readings = new WeakMap<RefreshTokenVersion, RingReading>();

const [CURRENT, PREVIOUS] = ['AWSCURRENT', 'AWSPREVIOUS'] as const;

/**
 * Refresh tokens in Secrets Manager: `<namespace>/refresh-tokens/<name>`, and where that is a ring, `<name>@1` and so
 * on beside it, which no name of a connection can be. The first secret must exist.
 */
export function createRefreshTokenStore({
  client,
  namespace,
  pace,
}: RefreshTokenStoreProps): RefreshTokenStore {
  return refreshTokenStore(createSecretCalls(client, pace), namespace);
}

/** The same, on these calls. */
export function refreshTokenStore(calls: SecretCalls, namespace: string): RefreshTokenStore {
  const secretOf = (name: string, member: number) => secretName.refreshToken(namespace, name, member);
  const ringOf = (name: string) => new RefreshTokenRing(calls, (member) => secretOf(name, member));
  /** @param reading all that is current; in a ring, what is not the youngest is current in its own secret alone */
  const versionOf = ({ token }: Pick<MemberVersion, 'token'>, reading: RingReading) => {
    if (token === undefined) return undefined;
    const isYoungest = youngestFirst(reading)[0]?.versionId === token.versionId;
    const stages = isYoungest ? token.stages : token.stages.filter((stage) => stage !== CURRENT);
    const writable = reading.length > 1 ? { writable: writableOf(reading, token.versionId) } : {};
    const version: RefreshTokenVersion = { ...token, stages, ...writable };
    readings.set(version, reading);
    return version;
  };

  async function readVersion(name: string, versionId: string, options?: ReadRefreshTokenOptions) {
    const ring = ringOf(name);
    const member = memberOf(versionId);
    const found = await ring.readMember(member, { versionId }, options);
    if (found?.token === undefined) return undefined;
    const isAlone = member === 0 && (found.token.value.ring ?? 1) === 1;
    const isCurrent = found.token.stages.includes(CURRENT);
    if (isCurrent && !isAlone) return versionOf(found, await ring.readCurrent(options, found));
    return versionOf(
      found,
      Array.from({ length: member + 1 }, (_, index) => (index === member ? found : undefined)),
    );
  }

  return {
    async read(name, { versionId, stage = CURRENT }, options) {
      if (versionId !== undefined) return readVersion(name, versionId, options);
      const ring = ringOf(name);
      const reading = await ring.readCurrent(options);
      if (stage === CURRENT) return versionOf(youngestFirst(reading)[0] ?? {}, reading);
      const previous = await Promise.all(
        reading.map((_, member) => ring.readMember(member, { stage: PREVIOUS }, options)),
      );
      if (reading.length === 1) return versionOf(previous[0] ?? {}, reading);
      return versionOf(youngestFirst([...reading, ...previous])[1] ?? {}, reading);
    },

    async currentVersionId(name, { known, ...options } = {}) {
      if (memberOf(known ?? '') === 0) return calls.currentVersionId(secretOf(name, 0), options);
      return youngestFirst(await ringOf(name).readCurrent({ ...options, known }))[0]?.versionId;
    },

    put: (name, token, versionId, { turn, ...options } = {}) =>
      calls.write(
        { secretId: secretOf(name, memberOf(versionId)), text: refreshTokenText(token), versionId, turn },
        options,
      ),

    turn: (writes, options) => calls.turn(writes, options),

    async prove(name, version, { turn, successor = version.versionId, ...options } = {}) {
      const reading = readings.get(version);
      const member = memberOf(successor);
      const target = reading?.[member];
      if (target === undefined) throw new TypeError('prove takes a version that this store has read');
      // Persons write the first secret: nothing in another tells of it.
      const first = member > 0 ? await calls.currentVersionId(secretOf(name, 0), options) : undefined;
      const { versionId, text } = target;
      const stages = await calls.write({ secretId: secretOf(name, member), text, versionId, turn }, options);
      if (versionId === version.versionId && first === undefined) return stages;
      const isOvertaken = first !== undefined && first !== reading?.[0]?.versionId;
      return isOvertaken || !stages.includes(CURRENT)
        ? version.stages.map((stage) => (stage === CURRENT ? PREVIOUS : stage))
        : version.stages;
    },

    madeAt: (name, member, options) => calls.madeAt(secretOf(name, member), options),

    extend: (name, member, options) =>
      calls.createLike(secretOf(name, member), secretOf(name, 0), EMPTY_MEMBER, options),
  };
}

/** Where the first secret does not tell of the member that a version lies in, its successor goes to the first. */
function writableOf(reading: RingReading, versionId: string): readonly number[] {
  const writable = writableMembers(reading);
  const own = memberOf(versionId);
  if (writable.length > 0) return writable;
  return reading[own] === undefined ? [] : [own];
}
