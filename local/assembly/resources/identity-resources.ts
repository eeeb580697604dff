import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Account, iamArn, regionalArn } from '../../iam/account.ts';
import type { Statement } from '../../iam/policy-evaluator.ts';
import type { Creator, ResolvedResource } from '../create-resources.ts';
import type { Deployed } from '../deployed.ts';
import { AssemblyError } from '../template.ts';
import { creator, unheeded } from './properties.ts';

const MOST_OF_A_ROLE_NAME = 64;

const document = z
  .strictObject({ Version: z.literal('2012-10-17'), Statement: z.array(z.custom<Statement>()) })
  .transform(({ Statement }) => Statement);

/** Roles, their policies, and keys with theirs. */
export function identityCreators(deployed: Deployed, account: Account): Record<string, Creator> {
  return {
    'AWS::IAM::Role': creator(
      {
        AssumeRolePolicyDocument: document,
        RoleName: z.string().max(MOST_OF_A_ROLE_NAME).optional(),
        Description: unheeded,
      },
      ({ AssumeRolePolicyDocument: trust, RoleName }, { stack, id }) => {
        const name = RoleName ?? `${stack}-${id}`.slice(0, MOST_OF_A_ROLE_NAME);
        const arn = iamArn(account, `role/${name}`);
        deployed.roles.set(arn, { name, arn, trust, statements: [] });
        return { ref: name, attributes: { Arn: arn } };
      },
    ),

    'AWS::IAM::Policy': creator(
      { PolicyDocument: document, PolicyName: z.string(), Roles: z.array(z.string()) },
      ({ PolicyDocument, PolicyName, Roles }) => {
        for (const name of Roles) {
          const role = deployed.roles.get(iamArn(account, `role/${name}`));
          if (role === undefined) throw new AssemblyError(`policy ${PolicyName}: there is no role ${name}`);
          role.statements.push(...PolicyDocument);
        }
        return { ref: PolicyName };
      },
    ),

    // For people, whom local mode lets do everything.
    'AWS::IAM::ManagedPolicy': creator(
      { PolicyDocument: document, Description: unheeded, Path: unheeded },
      (_, { stack, id }) => ({ ref: iamArn(account, `policy/${stack}-${id}`) }),
    ),

    'AWS::KMS::Key': creator(
      { KeyPolicy: document, Description: unheeded, EnableKeyRotation: unheeded },
      ({ KeyPolicy }, resource) => {
        const keyId = uuidOf(resource);
        const arn = regionalArn(account, 'kms', `key/${keyId}`);
        deployed.keyPolicies.set(arn, KeyPolicy);
        return { ref: keyId, attributes: { Arn: arn } };
      },
    ),

    'AWS::KMS::Alias': creator({ AliasName: z.string(), TargetKeyId: z.string() }, ({ AliasName }) => ({
      ref: AliasName,
    })),
  };
}

/** The same in every run: secrets that outlive one keep the id of their key. */
function uuidOf({ stack, id }: ResolvedResource): string {
  const digits = createHash('sha256').update(`${stack}/${id}`).digest('hex');
  return [0, 8, 12, 16, 20].map((at, part) => digits.slice(at, [8, 12, 16, 20, 32][part])).join('-');
}
