import { ConnectionError } from './connection-error.ts';
import type { ConnectionFields, SecretReference } from './connection-fields.ts';

/** The deployment that a connection is declared in. What is absent is not known, and not judged. */
export interface Place {
  readonly namespace: string;
  /** Where the functions run: Secrets Manager knows only the secrets of its own Region. */
  readonly region?: string | undefined;
  readonly account?: string | undefined;
}

/** What a connection uses a secret by ARN for. */
export type SecretUse = 'credentials' | 'token';

const ARN = /^arn:([a-z0-9-]+):secretsmanager:([a-z0-9-]+):(\d{12}):secret:(.+)$/i;

/** What each prefix of a namespace holds, and how a connection comes by it in place of an ARN. */
const OWNED: Readonly<Record<string, string>> = {
  credentials:
    'holds credentials of this deployment: name them in place of the ARN ("credentials": "<name>"), so that their owner can say where they may go',
  'refresh-tokens':
    'holds the refresh token of a connection, which nobody but the refresher reads or writes: name a secret of your own',
  tokens:
    'holds the token of a connection, which has one writer: leave "token" out for the connection\'s own secret, or name a secret of your own',
};

/**
 * Why a connection may not use the secret of this ARN; `undefined` when it may. What a namespace keeps has one
 * owner each, and a declaration is no way round that; so have the refresh tokens of other namespaces. Names are
 * compared without regard to case, though Secrets Manager tells them apart: nobody means the difference.
 */
export function secretArnProblem(secretArn: string, place: Place): string | undefined {
  const match = ARN.exec(secretArn);
  if (match === null) return 'expected the ARN of a secret';
  const [, , region = '', account = '', name = ''] = match;
  const [namespace, kind = '', ...rest] = name.toLowerCase().split('/');
  const isOurs = namespace === place.namespace.toLowerCase();
  if (rest.length > 0 && (isOurs || kind === 'refresh-tokens') && Object.hasOwn(OWNED, kind))
    return OWNED[kind];
  if (place.region !== undefined && region !== place.region) {
    return `is a secret in ${region}, and the functions run in ${place.region}, where Secrets Manager does not know it: replicate it to ${place.region} ("aws secretsmanager replicate-secret-to-regions") and name the ARN of the replica`;
  }
  return place.account === undefined || account === place.account ? undefined : otherAccount(account);
}

function otherAccount(account: string): string {
  return `is a secret of the account ${account}: it can be used only when its resource policy grants the functions' roles and it is encrypted with a customer-managed key whose policy does so too; name that key with "keyArn"`;
}

/** A problem with one secret that a connection names by ARN. */
export interface SecretProblem {
  readonly path: readonly string[];
  readonly message: string;
}

/** What is wrong with the secrets that a connection names by ARN, in the deployment that it is declared in. */
export function secretOwnerProblems(connection: ConnectionFields, place: Place | undefined): SecretProblem[] {
  if (place === undefined) return [];
  return USES.flatMap((use) => {
    const reference = connection[use];
    if (typeof reference !== 'object') return [];
    const message = secretArnProblem(reference.secretArn, placeFor(reference, place));
    return message === undefined ? [] : [{ path: [use, 'secretArn'], message }];
  });
}

const USES: readonly SecretUse[] = ['credentials', 'token'];

/** With a key of its own a secret of another account can be granted; whether it is, only that account knows. */
function placeFor({ keyArn }: SecretReference, place: Place): Place {
  return keyArn === undefined ? place : { ...place, account: undefined };
}

/**
 * The id of a secret that a connection names by ARN, at the moment of its use: what stands in the state may have
 * been declared to an older version, or written past all checks.
 * @throws ConnectionError for one that is not the connection's to use
 */
export function usableSecretId(use: SecretUse, { secretArn }: SecretReference, place: Place): string {
  const problem = secretArnProblem(secretArn, place);
  if (problem === undefined) return secretArn;
  throw new ConnectionError(`${use}.secretArn: "${secretArn}" ${problem}`);
}
