import { type ConnectionFields, grantChainProblem, type SecretReference } from './connection-fields.ts';
import { RESERVED_PARAMETERS } from './endpoint-url.ts';
import { CREDENTIAL_FIELDS } from './needed-credentials.ts';
import { didYouMean, plainName } from './parse/suggestions.ts';
import { maybeSameSecret } from './shared-secrets.ts';

/** A field, or several together, that cannot be as they are. */
export interface CombinationProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What no token's secret holds, whoever asks; whatever case and separators it is written with. */
const NEVER_PUBLISHED = new Set([
  'assertion',
  'clientassertion',
  'clientsecret',
  'consumersecret',
  'password',
  'privatekey',
  'refreshtoken',
  'username',
]);

/** What a provider or a refresh wrote: no credentials, and not to be sent as if it were. */
const NO_CREDENTIAL = new Set(['accesstoken', 'attempt', 'idtoken', 'refreshtoken', 'replaces']);

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
  rules = {},
}: ConnectionFields): CombinationProblem[] {
  const problems: CombinationProblem[] = [];
  const urls = [issuer, tokenUrl, rules.issuer, rules.tokenUrl];
  if (provider === undefined && urls.every((url) => url === undefined)) {
    problems.push({
      path: [],
      message: 'needs one of "provider", "issuer" or "tokenUrl" to know where tokens come from',
    });
  }
  if (placeholders !== undefined && provider === undefined && rules.placeholders === undefined) {
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

function parameterProblems({ parameters, rules }: ConnectionFields): CombinationProblem[] {
  const { parameters: fixed = {}, parametersByGrant = {}, headers = {} } = rules?.request ?? {};
  const ofRules: (readonly [readonly string[], object])[] = [
    [['rules', 'request', 'parameters'], fixed],
    ...Object.entries(parametersByGrant).map(
      ([grant, each]) => [['rules', 'request', 'parametersByGrant', grant], each] as const,
    ),
    [['rules', 'request', 'headers'], headers],
  ];
  return [
    ...Object.keys(parameters ?? {}).flatMap((key) => {
      const remedy = RESERVED_PARAMETERS[key];
      return remedy === undefined
        ? []
        : [{ path: ['parameters', key], message: `must not stand here: ${remedy}` }];
    }),
    ...ofRules.flatMap(([path, values]) =>
      Object.entries(values).flatMap(([key, value]) =>
        SECRET_NAMES.has(plainName(key)) && !isTemplate(value)
          ? [
              {
                path: [...path, key],
                message: `must not stand here: put it into the secret of the credentials, and write "{credential.${key}}"`,
              },
            ]
          : [],
      ),
    ),
  ];
}

/** A connection is read by many: what these name must come from the secret of the credentials. */
const SECRET_NAMES = new Set([
  'apikey',
  'assertion',
  'authorization',
  'clientassertion',
  'clientsecret',
  'password',
  'privatekey',
  'refreshtoken',
  'xapikey',
]);

const isTemplate = (value: unknown) => typeof value === 'string' && /^\{credential\.[^{}]+\}$/.test(value);

function secretProblems({ credentials, token }: ConnectionFields): CombinationProblem[] {
  const problems: CombinationProblem[] = [];
  if (typeof credentials !== 'string') {
    problems.push(...mapProblems('credentials', credentials));
    for (const [field, target] of Object.entries(credentials.fields)) {
      if (!NO_CREDENTIAL.has(plainName(target))) continue;
      problems.push({
        path: ['credentials', 'fields', field],
        message: `would be read from "${target}", which is no credential: name the field that holds it`,
      });
    }
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
  for (const [field, target] of Object.entries(token.fields)) {
    const path = ['token', 'fields', field];
    if (NEVER_PUBLISHED.has(plainName(field))) {
      problems.push({ path, message: 'is never published with a token: leave it out' });
    } else if (NEVER_PUBLISHED.has(plainName(target))) {
      problems.push({
        path,
        message: `is to be called "${target}", under which a token's secret never holds anything: choose another name`,
      });
    }
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
