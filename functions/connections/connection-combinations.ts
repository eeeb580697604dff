import { GRANT_TYPES, SELF_SIGNED } from '../oauth/grant-type.ts';
import { didYouMean, misspelt, plainName } from '../text/near-name.ts';
import type { ConnectionFields, SecretReference } from './connection-fields.ts';
import { grantChainProblem } from './declared-grants.ts';
import { endpointUrlProblem, RESERVED_PARAMETERS } from './endpoint-url.ts';
import { CREDENTIAL_FIELDS, FIELD_NAME, misspeltField } from './needed-credentials.ts';
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
    ...proofProblems(connection),
    ...sourceProblems(connection),
    ...grantProblems(connection),
    ...authenticationProblems(connection),
    ...parameterProblems(connection),
    ...ruleUrlProblems(connection),
    ...secretProblems(connection),
  ];
}

function sourceProblems({
  provider,
  issuer,
  tokenUrl,
  placeholders,
  rules = {},
  grants = rules.grants,
}: ConnectionFields): CombinationProblem[] {
  const problems: CombinationProblem[] = [];
  const urls = [issuer, tokenUrl, rules.issuer, rules.tokenUrl];
  const asksNobody = grants?.every((grant) => grant === SELF_SIGNED) ?? false;
  if (provider === undefined && urls.every((url) => url === undefined) && !asksNobody) {
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

function grantProblems({ grants = [], rules = {} }: ConnectionFields): CombinationProblem[] {
  const problem = grantChainProblem(grants);
  if (problem) return [{ path: ['grants', problem.index], message: problem.message }];
  const supported = [...(rules.grants ?? []), ...(rules.supportedGrants ?? [])];
  return grants.flatMap((grant, index) => {
    const meant = supported.includes(grant) ? undefined : misspelt(grant, GRANT_TYPES);
    if (meant === undefined) return [];
    const message = `there is no grant type "${grant}"; did you mean "${meant}"? Where the provider does call it that, say so in rules.supportedGrants`;
    return [{ path: ['grants', index], message }];
  });
}

/** What a connection proves itself with: credentials, a key in KMS beside them, or what AWS says of the role. */
function proofProblems({
  credentials,
  identity,
  signingKey,
  clientId,
}: ConnectionFields): CombinationProblem[] {
  const problems: CombinationProblem[] = [];
  const refuse = (path: string, message: string) => problems.push({ path: [path], message });
  if (credentials === undefined && identity === undefined) {
    refuse(
      'credentials',
      'is missing; expected the name of credentials, or an object with "secretArn" and "fields". Only a connection with "identity": "aws" needs none',
    );
  }
  if (identity !== undefined && signingKey !== undefined) {
    refuse(
      'signingKey',
      'signs in place of a private key, and with "identity" AWS signs: leave one of them out',
    );
  }
  if (clientId !== undefined && identity === undefined) {
    refuse('clientId', 'only means something with "identity": put "client_id" into the credentials');
  } else if (clientId !== undefined && credentials !== undefined) {
    refuse('clientId', 'stands in the credentials as "client_id": leave one of them out');
  }
  return problems;
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

/** The endpoints of rules are judged as a connection's own are; a placeholder stands for a label. */
function ruleUrlProblems({ rules = {} }: ConnectionFields): CombinationProblem[] {
  const { issuer, tokenUrl, refreshUrl, authorizationUrl, deviceAuthorizationUrl, revocation } = rules;
  const urls = { issuer, tokenUrl, refreshUrl, authorizationUrl, deviceAuthorizationUrl };
  return [
    ...Object.entries(urls).map(([key, url]) => [['rules', key], url] as const),
    [['rules', 'revocation', 'url'], revocation?.url] as const,
  ].flatMap(([path, url]) => {
    const message = url === undefined ? undefined : endpointUrlProblem(url.replace(/\{[^{}]+\}/g, 'x'));
    return message === undefined ? [] : [{ path, message }];
  });
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

const isTemplate = (value: unknown) =>
  typeof value === 'string' && /\{(credential\.[^{}]+|assertion)\}/.test(value);

function secretProblems({ credentials, token, publishTo }: ConnectionFields): CombinationProblem[] {
  const problems: CombinationProblem[] = [];
  if (typeof credentials === 'object') {
    problems.push(...mapProblems('credentials', credentials));
    for (const [field, target] of Object.entries(credentials.fields)) {
      if (!NO_CREDENTIAL.has(plainName(target))) continue;
      problems.push({
        path: ['credentials', 'fields', field],
        message: `would be read from "${target}", which is no credential: name the field that holds it`,
      });
    }
    for (const field of Object.keys(credentials.fields)) {
      const meant = misspeltField(field);
      if (meant === undefined && FIELD_NAME.test(field)) continue;
      problems.push({
        path: ['credentials', 'fields', field],
        message: `is no field of credentials${didYouMean(field, CREDENTIAL_FIELDS)}; they are ${CREDENTIAL_FIELDS.join(', ')}, and what "{credential.…}" in rules names`,
      });
    }
  }
  if (token === undefined) return problems;
  if (publishTo === 'parameter') {
    problems.push({
      path: ['publishTo'],
      message:
        'is "parameter", and "token" names a secret of your own, which holds the token itself: leave one of them out',
    });
  }
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
  if (typeof credentials === 'object' && maybeSameSecret(credentials.secretArn, token.secretArn)) {
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
