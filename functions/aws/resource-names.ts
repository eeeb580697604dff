/** Where a namespace keeps its secrets and parameters. Two namespaces in one account never meet. */
export const secretName = {
  credentials: (namespace: string, name: string) => `${namespace}/credentials/${name}`,
  /** `member` of a ring; the first one, 0, by default. No connection has an `@` in its name. */
  refreshToken: (namespace: string, name: string, member = 0) =>
    `${namespace}/refresh-tokens/${name}${member === 0 ? '' : `@${member}`}`,
  token: (namespace: string, name: string) => `${namespace}/tokens/${name}`,
} as const;

export const parameterName = {
  connection: (namespace: string, name: string) => `/${namespace}/connections/${name}`,
  rescue: (namespace: string, name: string) => `/${namespace}/rescue/${name}`,
  token: (namespace: string, name: string) => `/${namespace}/tokens/${name}`,
  /** What the last deployment was like. Beside the others, and under none. */
  deployment: (namespace: string) => `/${namespace}/deployment`,
} as const;

/** The name of a namespace's state table. */
export const stateTableName = (namespace: string) => `${namespace}-state`;

/** The name of a namespace's function; `handler` is one of `functions/handlers/`, such as `refresh-now`. */
export const functionName = (namespace: string, handler: string) => `${namespace}-${handler}`;

/**
 * The name of that function's role, which the policy of a key knows it by. It has the Region in it, since roles
 * are the account's. With the longest of namespaces, handlers and Regions it keeps within IAM's 64 characters.
 */
export const functionRoleName = (namespace: string, handler: string, region: string) =>
  `${functionName(namespace, handler)}-${region}`;
