import type { Secret } from '../../oauth/secret.ts';
import type { ReadRefreshTokenOptions, StoredRefreshToken, Version } from '../../refresh/ports/stores.ts';
import { memberOf } from '../../refresh/rules/ring.ts';
import { isEmptyMember, parseRefreshToken } from './refresh-token-text.ts';
import type { SecretCalls } from './secret-calls.ts';
import { parseSecretJson } from './secret-json.ts';
import type { WhichVersion } from './version-calls.ts';

/** One version in one member, with its text as it is stored. */
export interface MemberVersion {
  readonly member: number;
  readonly versionId: string;
  readonly text: Secret;
  /** Absent where no refresh token was stored there yet. */
  readonly token?: Version<StoredRefreshToken>;
}

/** What is current in each member, by member; `undefined` in one without a value. */
export type RingReading = readonly (MemberVersion | undefined)[];

/** Reads over the secrets that hold one connection's refresh tokens. @param idOf the secret of a member */
export class RefreshTokenRing {
  readonly #calls: SecretCalls;
  readonly #idOf: (member: number) => string;

  constructor(calls: SecretCalls, idOf: (member: number) => string) {
    this.#calls = calls;
    this.#idOf = idOf;
  }

  /** @throws StoreError */
  async readMember(
    member: number,
    which: WhichVersion,
    { known: _, ...options }: ReadRefreshTokenOptions = {},
  ): Promise<MemberVersion | undefined> {
    const secretId = this.#idOf(member);
    const stored = await this.#calls.read(secretId, which, options);
    if (stored === undefined) return undefined;
    const { value: text, ...version } = stored;
    const fields = parseSecretJson(text, secretId, 'JSON with refresh_token');
    const at = { member, versionId: version.versionId, text };
    if (member > 0 && isEmptyMember(fields)) return at;
    return { ...at, token: { ...version, value: parseRefreshToken(fields, version.createdAt, secretId) } };
  }

  /**
   * What is current in each member. The first one says how many there are; a younger one may know of more, and what
   * is known to lie in one is looked for at least that far. @param found what is current in its member, as was read
   * already @throws StoreError
   */
  async readCurrent(options: ReadRefreshTokenOptions = {}, found?: MemberVersion): Promise<RingReading> {
    const read: (MemberVersion | undefined)[] = [];
    let size = 1 + (found?.member ?? memberOf(options.known ?? ''));
    while (read.length < size) {
      const further = Array.from({ length: size - read.length }, async (_, index) => {
        const member = read.length + index;
        return member === found?.member ? found : this.readMember(member, {}, options);
      });
      read.push(...(await Promise.all(further)));
      size = Math.max(...read.map((each) => each?.token?.value.ring ?? 1));
    }
    return read;
  }
}

/** The versions that hold a refresh token, the youngest first. */
export function youngestFirst(versions: RingReading): readonly HeldVersion[] {
  return versions.filter(holdsToken).sort(({ token: one }, { token: other }) => {
    if (one.createdAt !== other.createdAt) return other.createdAt - one.createdAt;
    // In the same moment: what took the place of the other, and what a person stored.
    if (other.value.replaces === one.versionId) return 1;
    return one.value.replaces === other.versionId || one.value.attempt === undefined ? -1 : 1;
  });
}

type HeldVersion = MemberVersion & { readonly token: Version<StoredRefreshToken> };

function holdsToken(version: MemberVersion | undefined): version is HeldVersion {
  return version?.token !== undefined;
}

/** The members that the first one says to be there, and that hold something to prove a write with. */
export function writableMembers(reading: RingReading): readonly number[] {
  const said = reading[0]?.token?.value.ring ?? 1;
  return reading.flatMap((each, member) => (each !== undefined && member < said ? [member] : []));
}
