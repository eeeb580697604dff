import { z } from 'zod';
import type { Identity } from '../caller-identity.ts';
import { accessKeyIdOf } from '../wire/credential-scope.ts';
import { unknownOperation } from '../wire/error-answer.ts';
import { parseInput } from '../wire/input.ts';
import type { Service, WireRequest } from '../wire/message.ts';
import { readQuery, xmlAnswer, xmlError } from '../wire/query-protocol.ts';
import { IDENTITY_ALGORITHMS, type IdentityIssuer } from './identity-issuer.ts';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';
const VERSION = '2011-06-15';
const DEFAULT_SECONDS = 300;

export interface StsOptions {
  readonly identity: Identity;
  readonly issuer: IdentityIssuer;
  /** ARN of the role that signed with an access key. */
  readonly roleOf: (accessKeyId: string) => string | undefined;
}

const GetWebIdentityToken = z.strictObject({
  Audience: z.array(z.string().min(1).max(1000)).min(1).max(10),
  SigningAlgorithm: z.enum(IDENTITY_ALGORITHMS),
  DurationSeconds: z.coerce.number().int().min(60).max(3600).optional(),
});

/** Who the caller is, and tokens that say so, in AWS's query protocol: a form for the input, XML for the answer. */
export function sts({ identity, issuer, roleOf }: StsOptions): Service {
  return {
    name: 'sts',
    contentType: 'text/xml',
    accepts: (request) => queryOf(request)?.version === VERSION,
    errorBody: (error) => xmlError(NAMESPACE, error),
    prepare: (request) => {
      const { action = '', input = {} } = queryOf(request) ?? {};
      const { accountId } = identity;
      const role = roleOf(accessKeyIdOf(request) ?? '');
      if (action === 'GetCallerIdentity') {
        const Arn = role ?? `arn:aws:iam::${accountId}:user/local`;
        return {
          operation: action,
          answer: async (requestId) =>
            xmlAnswer(NAMESPACE, action, requestId, { Arn, UserId: 'LOCAL', Account: accountId }),
        };
      }
      if (action !== 'GetWebIdentityToken') throw unknownOperation(`the operation ${action} of sts`);
      const { Audience, SigningAlgorithm, DurationSeconds } = parseInput(GetWebIdentityToken, input);
      const lifetimeSeconds = DurationSeconds ?? DEFAULT_SECONDS;
      return {
        operation: action,
        resource: Audience.join(),
        answer: async (requestId) => {
          const expiresAt = identity.clock.now() + lifetimeSeconds * 1000;
          const subject = role ?? `arn:aws:iam::${accountId}:role/local`;
          return xmlAnswer(NAMESPACE, action, requestId, {
            WebIdentityToken: await issuer.sign(SigningAlgorithm, {
              subject,
              audience: Audience,
              lifetimeSeconds,
            }),
            Expiration: new Date(expiresAt).toISOString(),
          });
        },
      };
    },
  };
}

function queryOf({ method, path, body }: WireRequest) {
  return method === 'POST' && path === '/' ? readQuery(body) : undefined;
}
