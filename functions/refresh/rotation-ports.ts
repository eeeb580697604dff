import type { HttpAnswer, SingleRequest } from '../oauth/http-message.ts';
import type { Secret } from '../oauth/secret.ts';
import type { CallOptions, TokenEndpoint } from './ports.ts';
import type { RefreshNowPorts } from './refresh-now.ts';

/** What a rotation does to a token's secret beside publishing: it looks, and it takes AWSPENDING away. */
export interface RotationSecrets {
  /** Staging labels by VersionId, of the versions that have any. @throws StoreError */
  stages(secretId: string, options?: CallOptions): Promise<ReadonlyMap<string, readonly string[]>>;
  /**
   * The access token of one version, by default of AWSCURRENT; `undefined` for a version without a value.
   * @throws StoreError
   */
  accessToken(secretId: string, versionId?: string, options?: CallOptions): Promise<Secret | undefined>;
  /** @throws StoreError */
  removePending(secretId: string, versionId: string, options?: CallOptions): Promise<void>;
}

export interface RotationPorts extends RefreshNowPorts {
  readonly rotation: RotationSecrets;
  readonly tokenEndpoint: TokenEndpoint & {
    /** Sends a request of any kind, guarded as token requests are. @throws TokenError */
    send(request: SingleRequest, options?: CallOptions): Promise<HttpAnswer>;
  };
}
