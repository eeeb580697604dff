import {
  DescribeSecretCommand,
  type GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { Clock, Random } from '../../functions/refresh/ports/outside.ts';

const SECOND_MS = 1_000;
/** What one call takes, and by how much it varies. */
const CALL_MS = 8;
const CALL_VARIES_MS = 6;
/** As the SDK retries by itself, beneath the pace of writes. */
const SDK_TRIES = 3;
const SDK_THROTTLED_MS = 500;
/** A refresh asks for no version that is older. */
const KEPT_VERSIONS = 3;

interface Version {
  readonly VersionId: string;
  readonly SecretString: string;
  readonly CreatedDate: Date;
}

export interface PacedSecretsProps {
  readonly clock: Clock;
  readonly random: Random;
  /** Writes that are taken in a second, whoever makes them. */
  readonly perSecond: number;
  /**
   * Takes no more in any second whatever. Default: as a bucket that holds so many and fills by as many in a second, by
   * which APIs of AWS commonly throttle.
   */
  readonly isStrict?: boolean;
  /** The share of writes that is throttled since others use up what the account has. Default 0. */
  readonly throttledByOthers?: number;
  /** A write that was taken. */
  readonly onWrite: (secretId: string) => void;
}

/** Secrets Manager on a virtual clock, which takes so many writes in a second of the account and throttles the rest. */
export class PacedSecrets {
  /** Those that exceeded what is taken in a second, and those that met the writes of others. */
  readonly throttled = { byPace: 0, byOthers: 0 };
  taken = 0;
  mostInASecond = 0;
  readonly client: SecretsManagerClient;
  readonly #props: PacedSecretsProps;
  readonly #secrets = new Map<string, Version[]>();
  /** When the last writes came, as many as a second takes and more. */
  #recent: number[] = [];
  readonly #bucket = { left: 0, at: 0 };

  constructor(props: PacedSecretsProps) {
    this.#props = props;
    this.client = {
      config: { region: async () => 'us-east-1' },
      send: (command: object) => this.#send(command),
    } as unknown as SecretsManagerClient;
  }

  /** Stores a version as it was before the simulation began. */
  store(secretId: string, version: Version): void {
    this.#secrets.set(secretId, [...(this.#secrets.get(secretId) ?? []), version].slice(-KEPT_VERSIONS));
  }

  async #send(command: object): Promise<unknown> {
    const { clock, random } = this.#props;
    for (let tries = 1; ; tries += 1) {
      await clock.sleep(CALL_MS + CALL_VARIES_MS * random.fraction());
      if (!(command instanceof PutSecretValueCommand)) return this.#read(command);
      const throttled = this.#throttles();
      if (!throttled) return this.#write(command);
      if (tries === SDK_TRIES) throw throttled;
      await clock.sleep(random.fraction() * SDK_THROTTLED_MS * 2 ** (tries - 1));
    }
  }

  #throttles(): Error | undefined {
    const { clock, random, perSecond, throttledByOthers = 0, isStrict = false } = this.#props;
    const now = clock.now();
    this.#recent = this.#recent.filter((at) => at > now - SECOND_MS);
    if (throttledByOthers > 0 && random.fraction() < throttledByOthers) {
      this.throttled.byOthers += 1;
    } else if (isStrict ? this.#recent.length >= perSecond : !this.#isHeld(now)) {
      this.throttled.byPace += 1;
    } else {
      this.#recent.push(now);
      this.mostInASecond = Math.max(this.mostInASecond, this.#recent.length);
      return undefined;
    }
    return Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
  }

  #isHeld(now: number): boolean {
    const { perSecond } = this.#props;
    const filled = this.#bucket.left + ((now - this.#bucket.at) / SECOND_MS) * perSecond;
    const isHeld = filled >= 1;
    this.#bucket.at = now;
    this.#bucket.left = Math.min(perSecond, filled) - (isHeld ? 1 : 0);
    return isHeld;
  }

  #write({ input }: PutSecretValueCommand): unknown {
    const { SecretId = '', ClientRequestToken: VersionId = '', SecretString = '' } = input;
    this.taken += 1;
    const versions = this.#secrets.get(SecretId) ?? [];
    if (!versions.some((version) => version.VersionId === VersionId)) {
      this.store(SecretId, { VersionId, SecretString, CreatedDate: new Date(this.#props.clock.now()) });
    }
    this.#props.onWrite(SecretId);
    return { VersionStages: this.#stages(SecretId, VersionId) };
  }

  #read(command: object): unknown {
    if (command instanceof DescribeSecretCommand) {
      const id = command.input.SecretId ?? '';
      const last = this.#secrets.get(id)?.at(-1);
      return { VersionIdsToStages: last ? { [last.VersionId]: ['AWSCURRENT'] } : {} };
    }
    const { SecretId = '', VersionId } = (command as GetSecretValueCommand).input;
    const versions = this.#secrets.get(SecretId) ?? [];
    const found = VersionId ? versions.find((version) => version.VersionId === VersionId) : versions.at(-1);
    if (!found) throw Object.assign(new Error('not found'), { name: 'ResourceNotFoundException' });
    return { ...found, VersionStages: this.#stages(SecretId, found.VersionId) };
  }

  #stages(secretId: string, versionId: string): string[] {
    return this.#secrets.get(secretId)?.at(-1)?.VersionId === versionId ? ['AWSCURRENT'] : [];
  }
}
