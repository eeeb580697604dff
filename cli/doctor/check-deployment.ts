import { secretName } from '../../functions/aws/resource-names.ts';
import { putVersion } from '../../functions/aws/secrets/version-calls.ts';
import { Secret } from '../../functions/oauth/secret.ts';
import { StoreError } from '../../functions/refresh/ports/stores.ts';
import type { Deployment } from '../deployment.ts';
import { type Finding, fine, storeTrouble, trouble } from './finding.ts';

const DEPLOY = 'Deploy it with "npx cdk deploy --all", or check --namespace, --region and --profile.';
const POLICY = "Attach the operator's policy of the deployment to your role.";

/**
 * Whether the deployment is there and may be used: one finding for each thing that a command needs. Nothing
 * is changed; a permission to write is tried where there is nothing to write to.
 */
export async function checkDeployment(deployment: Deployment): Promise<Finding[]> {
  const { state, clock, refreshFunction, declared, namespace } = deployment;
  const nobody = `${deployment.random.uuid()}.nobody`;
  const table = await found(deployment, 'state table', 'is there', DEPLOY, () => deployment.encryptionKey());
  // What follows would say the same again.
  if (table.level === 'error') return [table];
  return [
    table,
    await found(deployment, 'state table', 'can be read', POLICY, () => state.get(nobody)),
    await found(deployment, 'state table', 'can be written', POLICY, () =>
      state.postpone(nobody, clock.now()),
    ),
    await found(deployment, 'declarations', 'can be listed', POLICY, async () => {
      for await (const _ of declared.list()) break;
    }),
    await found(deployment, 'refresh-now', 'is there and can be invoked', DEPLOY, () =>
      refreshFunction.dryRun(),
    ),
    await found(deployment, 'secrets', 'can be written', POLICY, () =>
      writeNowhere(nobody, namespace, deployment),
    ),
    ...(await checkRescues(deployment)),
  ];
}

/** Where AWS manages the keys, that of the account's parameters opens a rescue for whoever may read parameters. */
async function checkRescues({
  encryptionKey,
  namespace,
}: Pick<Deployment, 'encryptionKey' | 'namespace'>): Promise<Finding[]> {
  if ((await encryptionKey()) !== undefined) return [];
  return [
    trouble(
      'warning',
      'rescues',
      `AWS manages the keys of this deployment: a refresh token that has to be rescued can be read by everyone in the account who has ssm:GetParameter on /${namespace}/rescue/*.`,
      'Grant that to nobody, or deploy with "encryption": "customer-managed" in deployment.json, which makes a key that only the refresher may use.',
    ),
  ];
}

/** IAM decides before Secrets Manager looks for the secret, which does not exist. */
async function writeNowhere(
  nobody: string,
  namespace: string,
  { clients, random }: Deployment,
): Promise<void> {
  const secretId = secretName.credentials(namespace, nobody);
  const write = { secretId, text: new Secret('{}'), versionId: random.uuid() };
  try {
    await putVersion(await clients.secretsManager(), { turn: async () => ({ takenAt: 0 }) }, write);
  } catch (error) {
    if (!(error instanceof StoreError && error.kind === 'missing')) throw error;
  }
}

/** What came of one look. Only AWS's refusals are findings; anything else is thrown. */
export async function found(
  where: Pick<Deployment, 'namespace' | 'region'>,
  subject: string,
  what: string,
  remedy: string,
  look: () => Promise<unknown>,
): Promise<Finding> {
  try {
    await look();
    return fine(subject, what);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return storeTrouble(subject, error, where, remedy);
  }
}
