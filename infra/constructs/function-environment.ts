import { isOrigin } from '../../functions/connections/endpoint-url.ts';
import { PARAMETER_WRITES_PER_SECOND } from '../../functions/connections/parameter-pace.ts';
import { SECRET_WRITES_PER_SECOND } from '../../functions/connections/secret-pace.ts';
import type { Variable } from '../../functions/handlers/config.ts';
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
  /**
   * Tokens that one function writes to Parameter Store in a second, 0.1 to 40: those that live too short a time for a
   * secret. The limit is the account's, for everyone: plan with 3, and with 10 where its higher throughput is turned on.
   * What connections need more than that for is refused.
   * @default 3
   */
  readonly parameterWritesPerSecond?: number;
  /**
   * Whether each refresh is told as an event `Token Refreshed`. Every other event is told all the same.
   * @default true
   */
  readonly tokenRefreshedEvents?: boolean;
}

/** The environment of every function. @throws SynthProblem for settings that cannot be @internal */
export function functionEnvironment(
  storage: TokenStorage,
  {
    allowedTokenOrigins = [],
    secretWritesPerSecond = SECRET_WRITES_PER_SECOND,
    parameterWritesPerSecond = PARAMETER_WRITES_PER_SECOND,
    tokenRefreshedEvents = true,
  }: FunctionSettings,
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
  if (!(parameterWritesPerSecond >= 0.1 && parameterWritesPerSecond <= 40)) {
    throw new SynthProblem(
      `parameterWritesPerSecond: found ${parameterWritesPerSecond}; expected a number from 0.1 to 40`,
    );
  }
  return {
    EVERTOKEN_NAMESPACE: storage.namespace,
    EVERTOKEN_STATE_TABLE: storage.table.tableName,
    ...(storage.rescueKey && { EVERTOKEN_RESCUE_KEY: storage.rescueKey.keyArn }),
    ...(storage.key && { EVERTOKEN_TOKEN_KEY: storage.key.keyArn }),
    EVERTOKEN_PARAMETER_WRITES_PER_SECOND: String(parameterWritesPerSecond),
    EVERTOKEN_SECRET_WRITES_PER_SECOND: String(secretWritesPerSecond),
    EVERTOKEN_ALLOWED_TOKEN_ORIGINS: allowedTokenOrigins.join(','),
    ...(!tokenRefreshedEvents && { EVERTOKEN_TOKEN_REFRESHED_EVENTS: 'false' }),
  };
}
