/** Where a namespace keeps its secrets and parameters. Two namespaces in one account never meet. */
export const secretName = {
  credentials: (namespace: string, name: string) => `${namespace}/credentials/${name}`,
  refreshToken: (namespace: string, name: string) => `${namespace}/refresh-tokens/${name}`,
  token: (namespace: string, name: string) => `${namespace}/tokens/${name}`,
} as const;

export const parameterName = {
  connection: (namespace: string, name: string) => `/${namespace}/connections/${name}`,
  rescue: (namespace: string, name: string) => `/${namespace}/rescue/${name}`,
} as const;
