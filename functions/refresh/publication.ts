import type { Secret } from '../oauth/secret.ts';
import type { CallOptions } from './ports.ts';

/** How a rotation wants the new token published. An ordinary refresh publishes under its attempt's id. */
export interface Publication {
  readonly versionId: string;
  readonly stages: readonly string[];
  /**
   * Judges the access token before anybody can read it. By then the refresh token is safe, so that a token
   * which is refused here costs nothing but another exchange. @throws RefreshFailed
   */
  readonly verify?: (accessToken: Secret, options: CallOptions) => Promise<void>;
}
