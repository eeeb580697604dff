import { type ConnectionFields, grantChainProblem, type SecretReference } from './connection-fields.ts';
import { RESERVED_PARAMETERS } from './endpoint-url.ts';
import { CREDENTIAL_FIELDS } from './needed-credentials.ts';
import { didYouMean } from './parse/suggestions.ts';
import { maybeSameSecret } from './shared-secrets.ts';

/** A field, or several together, that cannot be as they are. */
export interface CombinationProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const NEVER_PUBLISHED = ['refresh_token', 'client_secret', 'private_key', 'password'];

/** What is wrong with the fields of a connection taken together. */
export function combinationProblems(connection: ConnectionFields): CombinationProblem[] {
  return [
    ...sourceProblems(connection),
    ...grantProblems(connection),
    ...authenticationProblems(connection),
    ...parameterProblems(connection),
    ...secretProblems(connection),
  ];
}

function sourceProblems({
  provider,
  issuer,
  tokenUrl,
  placeholders,
}: ConnectionFields): CombinationProblem[] {
  const problems: CombinationProblem[] = [];
  if (provider === undefined && issuer === undefined && tokenUrl === undefined) {
    problems.push({
      path: [],
      message: 'needs one of "provider", "issuer" or "tokenUrl" to know where tokens come from',
    });
  }
  if (placeholders !== undefined && provider === undefined) {
    problems.push({
      path: ['placeholders'],
      message: 'fill in the URLs of a preset, and no "provider" is named: write the whole "tokenUrl" instead',
    });
  }
  return problems;
}

function grantProblems({ grants }: ConnectionFields): CombinationProblem[] {
  const problem = grants && grantChainProblem(grants);
  return problem ? [{ path: ['grants', problem.index], message: problem.message }] : [];
}

function authenticationProblems(connection: ConnectionFields): CombinationProblem[] {
  const { basicEncoding, clientAuthentication } = connection;
  if (basicEncoding === undefined || clientAuthentication === undefined) return [];
  if (clientAuthentication === 'client_secret_basic') return [];
  return [
    {
      path: ['basicEncoding'],
      message: `only means something for client_secret_basic, and clientAuthentication is "${clientAuthentication}": leave one of them out`,
    },
  ];
}

function parameterProblems({ parameters }: ConnectionFields): CombinationProblem[] {
  return Object.keys(parameters ?? {}).flatMap((key) => {
    const remedy = RESERVED_PARAMETERS[key];
    return remedy === undefined
      ? []
      : [{ path: ['parameters', key], message: `must not stand here: ${remedy}` }];
  });
}

function secretProblems({ credentials, token }: ConnectionFields): CombinationProblem[] {
  const problems: CombinationProblem[] = [];
  if (typeof credentials !== 'string') {
    problems.push(...mapProblems('credentials', credentials));
    for (const field of Object.keys(credentials.fields)) {
      if (CREDENTIAL_FIELDS.some((known) => known === field)) continue;
      problems.push({
        path: ['credentials', 'fields', field],
        message: `is no field of credentials${didYouMean(field, CREDENTIAL_FIELDS)}; they are ${CREDENTIAL_FIELDS.join(', ')}`,
      });
    }
  }
  if (token === undefined) return problems;
  problems.push(...mapProblems('token', token));
  for (const field of Object.keys(token.fields)) {
    if (!NEVER_PUBLISHED.includes(field)) continue;
    problems.push({
      path: ['token', 'fields', field],
      message: 'is never published with a token: leave it out',
    });
  }
  if (typeof credentials !== 'string' && maybeSameSecret(credentials.secretArn, token.secretArn)) {
    problems.push({
      path: ['token', 'secretArn'],
      message: 'is the secret of the credentials, which the first token would overwrite: name another secret',
    });
  }
  return problems;
}

/** Two fields under one name would overwrite each other. */
function mapProblems(place: 'credentials' | 'token', { fields }: SecretReference): CombinationProblem[] {
  const seen = new Map<string, string>();
  return Object.entries(fields).flatMap(([field, target]) => {
    const other = seen.get(target);
    seen.set(target, field);
    if (other === undefined) return [];
    return [{ path: [place, 'fields', field], message: `is called "${target}", and so is "${other}"` }];
  });
}
