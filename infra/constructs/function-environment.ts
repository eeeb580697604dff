import { isOrigin, type Variable } from '../../functions/handlers/config.ts';
import { SynthProblem } from '../synth-problem.ts';
import type { TokenStorage } from './token-storage.ts';

/** How the functions behave. */
export interface FunctionSettings {
  /**
   * Origins inside a private network to which token requests may go, such as `https://idp.internal:8443`.
   * Requests to addresses inside a network are refused otherwise.
   * @default - none
   */
  readonly allowedTokenOrigins?: readonly string[];
  /**
   * Secret writes that one function makes in a second, 1 to 50. The account's limit is 50, for everyone.
   * @default 20
   */
  readonly secretWritesPerSecond?: number;
}

/** The environment of every function. @throws SynthProblem for settings that cannot be */
export function functionEnvironment(
  storage: TokenStorage,
  { allowedTokenOrigins = [], secretWritesPerSecond = 20 }: FunctionSettings,
): Partial<Record<Variable, string>> {
  const wrong = allowedTokenOrigins.find((origin) => !isOrigin(origin));
  if (wrong !== undefined) {
    throw new SynthProblem(
      `allowedTokenOrigins: found "${wrong}"; expected scheme, host and port alone, e.g. https://idp.internal:8443`,
    );
  }
  if (!(secretWritesPerSecond >= 1 && secretWritesPerSecond <= 50)) {
    throw new SynthProblem(
      `secretWritesPerSecond: found ${secretWritesPerSecond}; expected a number from 1 to 50`,
    );
  }
  return {
    EVERTOKEN_NAMESPACE: storage.namespace,
    EVERTOKEN_STATE_TABLE: storage.table.tableName,
    ...(storage.rescueKey && { EVERTOKEN_RESCUE_KEY: storage.rescueKey.keyArn }),
    EVERTOKEN_SECRET_WRITES_PER_SECOND: String(secretWritesPerSecond),
    EVERTOKEN_ALLOWED_TOKEN_ORIGINS: allowedTokenOrigins.join(','),
  };
}
