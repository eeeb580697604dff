/** The account and Region that a local deployment is in. */
export interface Account {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
  /** What the names of service endpoints end in. */
  readonly urlSuffix: string;
}

export const regionalArn = (account: Account, service: string, resource: string) =>
  `arn:${account.partition}:${service}:${account.region}:${account.accountId}:${resource}`;

export const iamArn = (account: Account, resource: string) =>
  `arn:${account.partition}:iam::${account.accountId}:${resource}`;

/** What `kms:ViaService` is when a service uses a key on behalf of its caller. */
export const viaService = (account: Account, service: string) =>
  `${service}.${account.region}.${account.urlSuffix}`;
