import { Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { checkConnection, declaredPlace } from '../../functions/connections/check-connection.ts';
import type { Connection as Definition, SecretReference } from '../../functions/connections/connection.ts';
import { ConnectionError } from '../../functions/connections/connection-error.ts';
import { nameProblem } from '../../functions/connections/connection-name.ts';
import { declaredParameterWrites } from '../../functions/connections/parameter-writes.ts';
import { parseConnection } from '../../functions/connections/parse/parse-connection.ts';
import { presetOfSync } from '../../functions/connections/preset-of-sync.ts';
import type { ProviderPreset } from '../../functions/connections/provider-preset.ts';
import { resolveConnection } from '../../functions/connections/resolve-connection.ts';
import type { Place } from '../../functions/connections/secret-owner.ts';
import type { IdentityRules } from '../../functions/oauth/assertion-rules.ts';
import { loadPresetSync, presetIdsSync } from '../../functions/providers/presets.ts';
import { didYouMean } from '../../functions/text/near-name.ts';
import { SynthProblem } from '../synth-problem.ts';

/** A definition that was judged: it can be deployed. */
export interface CheckedDefinition {
  /** ARNs in it may be tokens of CDK. */
  readonly definition: Definition;
  /** The chain of grant types that will be used. */
  readonly grants: readonly string[];
  /** Where its token will go, as far as is declared. */
  readonly place: DeclaredPlace;
  /** What is asked of AWS and KMS on its behalf, which the functions' roles must be granted. */
  readonly proof: Proof;
  /** Writes of parameters a second that its token asks for; 0 where that goes to its secret. */
  readonly parameterWrites: number;
  /** Whole sentences: what is allowed and unwise. */
  readonly warnings: readonly string[];
}

export type DeclaredPlace = ReturnType<typeof declaredPlace>;

/** What a connection proves itself with beside, or in place of, its credentials. */
export interface Proof {
  readonly identity?: IdentityRules | undefined;
  /** Whether assertions name the key by its thumbprint, so that the public key must be read. */
  readonly namesPublicKey: boolean;
}

/**
 * Judges a connection as `connections.json` is judged.
 * @param place the deployment that it is declared in
 * @throws SynthProblem with everything that is wrong with it
 */
export function checkDefinition(name: string, definition: Definition, place: Place): CheckedDefinition {
  const misnamed = nameProblem(name);
  if (misnamed !== undefined) throw new SynthProblem(`connection "${name}": the name ${misnamed}`);
  // What CDK knows only at deploy has the right form by then.
  const plain = mapArns(definition, place, (arn, sample) => (Token.isUnresolved(arn) ? sample : arn));
  try {
    parseConnection(plain, name, place);
  } catch (error) {
    if (error instanceof ConnectionError) throw new SynthProblem(error.message);
    throw error;
  }
  const preset = presetOf(name, plain);
  const problems = [...checkConnection(name, plain, preset), ...arnProblems(name, plain)];
  const errors = problems.filter(({ level }) => level === 'error');
  if (errors.length > 0) throw new SynthProblem(errors.map(({ message }) => message).join('\n'));
  return {
    definition,
    grants: definition.grants ?? preset.grants,
    place: declaredPlace(plain, preset),
    proof: proofOf(name, plain, preset),
    parameterWrites: declaredParameterWrites(plain, preset),
    warnings: problems.map(({ message }) => message),
  };
}

function proofOf(name: string, definition: Definition, preset: ProviderPreset): Proof {
  const { identity, request } = resolveConnection(name, definition, preset);
  const assertions = JSON.stringify([request.assertion, request.assertionByGrant]);
  return { identity, namesPublicKey: assertions.includes('{key.') };
}

/** Region and account of the stack, as far as they are known before the deployment. */
export function knownEnvironment(scope: IConstruct): Pick<Place, 'region' | 'account'> {
  const { region, account } = Stack.of(scope);
  const known = (value: string) => (Token.isUnresolved(value) ? undefined : value);
  return { region: known(region), account: known(account) };
}

function presetOf(name: string, definition: Definition): ProviderPreset {
  const { provider } = definition;
  if (provider === undefined || loadPresetSync(provider) !== undefined) {
    return presetOfSync(definition, loadPresetSync);
  }
  const ids = presetIdsSync();
  throw new SynthProblem(
    `connections.${name}.provider: there is no preset "${provider}"${didYouMean(provider, ids)}; there are ${ids.join(', ')}`,
  );
}

/** A policy names a secret by its whole ARN; one without the suffix would match nothing, or too much. */
function arnProblems(name: string, { credentials, token }: Definition) {
  return Object.entries({ credentials, token }).flatMap(([place, value]) => {
    if (typeof value !== 'object' || /-[A-Za-z0-9]{6}$/.test(value.secretArn)) return [];
    return [
      {
        level: 'error' as const,
        message: `connections.${name}.${place}.secretArn: found "${value.secretArn}"; expected the whole ARN, which ends in a hyphen and six characters: "aws secretsmanager describe-secret" shows it`,
      },
    ];
  });
}

function mapArns(
  definition: Definition,
  { region = 'us-east-1', account = '111122223333' }: Place,
  map: (arn: string, sample: string) => string,
): Definition {
  const { credentials, signingKey, token } = definition;
  const sampleSecret = `arn:aws:secretsmanager:${region}:${account}:secret:known-at-deploy-`;
  const sampleKey = `arn:aws:kms:${region}:${account}:key/known-at-deploy`;
  const mapped = (value: SecretReference, suffix: string): SecretReference => ({
    ...value,
    secretArn: map(value.secretArn, sampleSecret + suffix),
    ...(value.keyArn !== undefined && { keyArn: map(value.keyArn, sampleKey) }),
  });
  return {
    ...definition,
    ...(typeof credentials === 'object' && { credentials: mapped(credentials, 'Creden') }),
    ...(signingKey && { signingKey: { kmsKeyArn: map(signingKey.kmsKeyArn, sampleKey) } }),
    ...(token && { token: mapped(token, 'Tokens') }),
  };
}
