import pLimit from 'p-limit';
import type { Connection } from '../../functions/connections/connection.ts';
import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import { StoreError } from '../../functions/refresh/ports/stores.ts';
import { allConnections } from '../connections/registered-connections.ts';
import type { Deployment } from '../deployment.ts';
import { refusedRequestWords } from '../text/refused-request-text.ts';
import { checkClock, watchClock } from './check-clock.ts';
import { checkConnection, standing } from './check-connection.ts';
import { checkCredentialOrigins } from './check-credential-origins.ts';
import { checkDeployment } from './check-deployment.ts';
import { checkEndpoints } from './check-endpoints.ts';
import { checkSecretWrites } from './check-secret-writes.ts';
import { checkSettings, deployedSettings } from './check-settings.ts';
import { checkTicks } from './check-ticks.ts';
import { checkTokenParameters } from './check-token-parameters.ts';
import { type Finding, fine, trouble } from './finding.ts';

/** Connections looked at together. */
const AT_ONCE = 16;

/**
 * Looks at everything that a refresh depends on and that can be seen from here. Changes nothing.
 * @param settingsFile what the next deployment would go by, if it is there
 */
export async function examine(deployment: Deployment, settingsFile: string): Promise<Finding[]> {
  const aheadMs = watchClock(await deployment.clients.ssm(), deployment.clock);
  const findings = await checkDeployment(deployment);
  findings.push(...checkClock(aheadMs()));
  if (findings.some(({ level }) => level === 'error')) return findings;
  const deployed = await deployedSettings(deployment);
  findings.push(
    ...deployed.findings,
    ...(await checkSettings(settingsFile, deployed, deployment.namespace)),
    ...(await checkTicks(deployment)),
  );
  findings.push(...(await checkRequests(deployment)));
  const declared = new Map<string, Connection>();
  for await (const { name, definition } of deployment.declared.list()) {
    if (!(definition instanceof StoreError)) declared.set(name, definition);
    else
      findings.push(
        trouble('error', name, `${definition.message}.`, 'Correct its declaration and deploy it.'),
      );
  }
  const states = await allConnections(deployment);
  findings.push(...checkRegistration(declared, states));
  findings.push(...(await checkEach(declared, states, deployment)));
  findings.push(...(await checkTokenParameters(states, deployment)));
  const { secretWritesPerSecond = deployment.secretWritesPerSecond } = deployed.settings ?? {};
  findings.push(...(await checkSecretWrites(states, { ...deployment, secretWritesPerSecond })));
  findings.push(...checkCredentialOrigins(states));
  findings.push(...(await checkEndpoints(declared, deployment)));
  return findings;
}

/** Whether a request by event was refused within a day. */
async function checkRequests({ state, clock }: Deployment): Promise<Finding[]> {
  const words = refusedRequestWords(await state.refusedRequest(), clock.now());
  return words === undefined ? [] : [trouble('warning', 'requests', words.message, words.remedy)];
}

async function checkEach(
  declared: ReadonlyMap<string, Connection>,
  states: readonly ConnectionState[],
  deployment: Deployment,
): Promise<Finding[]> {
  const limit = pLimit(AT_ONCE);
  const byName = new Map(states.map((state) => [state.name, state]));
  const checked = [...declared].map(([name, definition]) =>
    limit(async () => {
      const problems = await checkConnection(name, definition, byName.get(name), deployment);
      return problems.length > 0 ? problems : [fine(name, 'has what it needs')];
    }),
  );
  const undeclared = states.filter(({ name }) => !declared.has(name));
  return [
    ...(await Promise.all(checked)).flat(),
    ...undeclared.flatMap((state) => standing(state, deployment)),
  ];
}

/** What is declared and what is registered should be the same; reconcile sees to it every hour. */
function checkRegistration(
  declared: ReadonlyMap<string, Connection>,
  states: readonly ConnectionState[],
): Finding[] {
  const registered = new Set(states.map(({ name }) => name));
  const missing = [...declared.keys()].filter((name) => !registered.has(name));
  const left = [...registered].filter((name) => !declared.has(name));
  return [
    ...missing.map((name) =>
      trouble('warning', name, 'It is declared and not yet registered.', `evertoken refresh ${name}`),
    ),
    ...left.map((name) =>
      trouble(
        'warning',
        name,
        'It is registered, and no declaration of it can be read.',
        'Declare it again, or leave it: reconcile removes it within two hours; its secrets stay.',
      ),
    ),
  ];
}
