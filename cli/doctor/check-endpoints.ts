import type { Connection } from '../../functions/connections/connection.ts';
import { ConnectionError } from '../../functions/connections/connection-error.ts';
import { presetOf } from '../../functions/connections/preset-of.ts';
import { resolveConnection } from '../../functions/connections/resolve-connection.ts';
import { USER_AGENT } from '../../functions/oauth/request/http-request.ts';
import { Secret } from '../../functions/oauth/secret.ts';
import { TokenError } from '../../functions/oauth/token-error.ts';
import type { Deployment } from '../deployment.ts';
import { type Finding, fine, trouble } from './finding.ts';

type Probe = Pick<Deployment, 'presets' | 'tokenEndpoint'>;

/**
 * Whether anyone answers at the token endpoints of these connections, each origin once. Nothing is asked for
 * and no credential is sent: any HTTP answer will do.
 */
export async function checkEndpoints(
  connections: ReadonlyMap<string, Connection>,
  deployment: Probe,
): Promise<Finding[]> {
  const byOrigin = new Map<string, string>();
  const issuers = new Set<string>();
  for (const [name, definition] of connections) {
    const { tokenUrl, issuer } = await endpointsOf(name, definition, deployment);
    if (tokenUrl !== undefined && URL.canParse(tokenUrl)) byOrigin.set(new URL(tokenUrl).origin, tokenUrl);
    else if (issuer !== undefined) issuers.add(issuer);
  }
  const findings = [...byOrigin].map(([origin, url]) => looked(origin, () => answers(url, deployment)));
  const metadata = [...issuers].map((issuer) =>
    looked(issuer, async () => void (await deployment.tokenEndpoint.metadata(issuer))),
  );
  return Promise.all([...findings, ...metadata]);
}

async function endpointsOf(name: string, definition: Connection, deployment: Probe) {
  try {
    return resolveConnection(name, definition, await presetOf(definition, deployment.presets));
  } catch (error) {
    if (error instanceof ConnectionError) return { tokenUrl: undefined, issuer: undefined };
    throw error;
  }
}

async function answers(url: string, { tokenEndpoint }: Probe): Promise<void> {
  const headers = { accept: 'application/json', 'user-agent': USER_AGENT };
  await tokenEndpoint.send({ method: 'GET', url: new Secret(url), headers });
}

async function looked(where: string, look: () => Promise<void>): Promise<Finding> {
  try {
    await look();
    return fine(where, 'answers');
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    return trouble('warning', where, error.message, remedyFor(error));
  }
}

function remedyFor({ code, kind }: TokenError): string {
  if (code === 'insecure_url' || code === 'forbidden_address') {
    return 'Where that is meant, set allowedTokenOrigins for the deployment, and EVERTOKEN_ALLOWED_TOKEN_ORIGINS here.';
  }
  if (kind === 'configuration') return 'Correct "issuer" or "tokenUrl" of the connections that use it.';
  return 'Check the URL and this network. The deployment has a network of its own: "status" says what it meets.';
}
