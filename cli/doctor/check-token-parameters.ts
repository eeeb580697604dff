import { tooManyParameterWrites } from '../../functions/connections/parameter-writes.ts';
import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import { parameterLoad } from '../connections/parameter-load.ts';
import type { Deployment } from '../deployment.ts';
import { type Finding, fine, trouble } from './finding.ts';

const SUBJECT = 'parameters';

/**
 * Whether Parameter Store takes the tokens that live too short a time for a secret as often as they are refreshed, and
 * who can read them there; nothing where there are none.
 */
export async function checkTokenParameters(
  states: readonly ConnectionState[],
  deployment: Pick<Deployment, 'presets' | 'parameterWritesPerSecond' | 'encryptionKey' | 'namespace'>,
): Promise<Finding[]> {
  const { presets, parameterWritesPerSecond, namespace } = deployment;
  const writes = (await parameterLoad(states, presets)).filter((one) => one > 0);
  if (writes.length === 0) return [];
  const tooMany = tooManyParameterWrites(writes, parameterWritesPerSecond);
  const findings = [
    tooMany
      ? trouble(
          'warning',
          SUBJECT,
          sentence(tooMany.message),
          `${sentence(tooMany.remedy)} Where the deployment has more, set EVERTOKEN_PARAMETER_WRITES_PER_SECOND here.`,
        )
      : fine(SUBJECT, `${holdText(writes)}, and Parameter Store takes ${parameterWritesPerSecond}`),
  ];
  if ((await deployment.encryptionKey()) === undefined) {
    findings.push(
      trouble(
        'warning',
        SUBJECT,
        `AWS manages the keys of this deployment: a token in a parameter can be read by everyone in the account who has ssm:GetParameter on /${namespace}/tokens/*, as each machine of Systems Manager has.`,
        'Set "publishTo": "secret" where tokens live long enough, or deploy with "encryption": "customer-managed" in deployment.json.',
      ),
    );
  }
  return findings;
}

function holdText(writes: readonly number[]): string {
  const perSecond = writes.reduce((sum, one) => sum + one, 0);
  const tokens = writes.length === 1 ? '1 token' : `${writes.length} tokens`;
  return `hold ${tokens}, written ${perSecond.toPrecision(2)} times a second`;
}

const sentence = (clause: string) => `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;
