import type { Connection } from '../connections/connection.ts';
import { probeOf } from '../connections/preset-endpoints.ts';
import { presetOf } from '../connections/preset-of.ts';
import type { SingleRequest } from '../oauth/request/http-request.ts';
import { buildProbe, type Probe, probeProblem } from '../oauth/request/probe.ts';
import type { HttpResponse } from '../oauth/response/response-body.ts';
import type { Secret } from '../oauth/secret.ts';
import { TokenError } from '../oauth/token-error.ts';
import type { CallOptions, TokenEndpoint } from './ports/outside.ts';
import type { RotationSecrets } from './ports/stores.ts';
import { type RefreshNowPorts, refreshNow } from './refresh-now.ts';
import { RefreshFailed } from './rules/classify-failure.ts';

export type RotationStep = 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret';

export interface RotationPorts extends RefreshNowPorts {
  readonly rotation: RotationSecrets;
  readonly tokenEndpoint: TokenEndpoint & {
    /** Sends a request of any kind, guarded as token requests are. @throws TokenError */
    send(request: SingleRequest, options?: CallOptions): Promise<HttpResponse>;
  };
}

/** One step of a rotation of one connection's token, as Secrets Manager asks for it. */
export interface RotationRequest {
  readonly step: RotationStep;
  readonly connection: string;
  /** Name or ARN of the token's secret. */
  readonly secretId: string;
  /** The version that Secrets Manager has reserved, labelled AWSPENDING. */
  readonly versionId: string;
  /** When the function may be killed, epoch milliseconds. */
  readonly functionEndsAt: number;
}

/** A step of a rotation failed. Message and code are safe to log. */
export class RotationFailed extends Error {
  override readonly name = 'RotationFailed';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const CURRENT = 'AWSCURRENT';
const PENDING = 'AWSPENDING';

/**
 * "Rotate secret immediately": an ordinary, forced refresh in the form of a rotation. All happens in
 * createSecret, and in the order of the promises: the new refresh token is persisted; the new access token is
 * probed, before anybody can read it; it is published, once, as AWSCURRENT and AWSPENDING. A probe that
 * fails therefore leaves the old token current, and loses nothing: the next tick refreshes again. The other
 * steps verify. They never move AWSCURRENT: what became current since is the newest token there is.
 *
 * AWSPENDING is gone after the last step, and after a step that failed. Left on this version, it would
 * part from AWSCURRENT with the next tick, and Secrets Manager would refuse every further rotation.
 * @throws RotationFailed, StoreError
 */
export async function rotateSecret(request: RotationRequest, ports: RotationPorts): Promise<void> {
  try {
    await STEPS[request.step](request, ports);
  } catch (error) {
    await removePending(request, ports).catch(({ name }: Error) =>
      ports.log.error('AWSPENDING could not be removed after a failed rotation', {
        connection: request.connection,
        error: name,
      }),
    );
    throw error;
  }
}

type Step = (request: RotationRequest, ports: RotationPorts) => Promise<void>;

const STEPS: Readonly<Record<RotationStep, Step>> = {
  createSecret,
  // The provider has the new token already: it issued it.
  setSecret: async (request, ports) => void (await reservedStages(request, ports)),
  testSecret,
  finishSecret,
};

async function createSecret(request: RotationRequest, ports: RotationPorts): Promise<void> {
  const { connection: name, secretId, versionId, functionEndsAt } = request;
  await reservedStages(request, ports);
  const definition = await rotatable(name, ports);
  // The step is repeated after a time-out, perhaps after it had published.
  if (await ports.rotation.accessToken(secretId, versionId)) return;
  const probe = await probeFor(definition, ports);
  const [result] = await refreshNow(
    {
      connections: [name],
      force: true,
      trigger: 'rotation',
      functionEndsAt,
      publishTo: {
        versionId,
        stages: [CURRENT, PENDING],
        verify: async (token, options) => {
          const message = probe && (await problemOf(probe, token, ports, options));
          if (message === undefined) return;
          const failure = {
            outcome: 'retry-later',
            source: 'provider',
            code: 'probe_failed',
            message,
          } as const;
          throw new RefreshFailed(failure);
        },
      },
    },
    ports,
  );
  // `fresh`, and a refresh of somebody else's, leave the reserved version empty: the current token is new.
  const { outcome = 'unknown', error } = result ?? {};
  if (outcome === 'refreshed' || outcome === 'fresh') return;
  const { code = outcome, message = `the refresh of "${name}" came to ${outcome}` } = error ?? {};
  throw new RotationFailed(code, message);
}

async function testSecret(request: RotationRequest, ports: RotationPorts): Promise<void> {
  const { connection: name, secretId, versionId } = request;
  const stages = await reservedStages(request, ports);
  const probe = await probeFor(await rotatable(name, ports), ports);
  if (probe === undefined) return;
  // A tick may have published a newer token since, and a provider may have ended this one with it.
  const isCurrent = stages.includes(CURRENT);
  const token = await ports.rotation.accessToken(secretId, isCurrent ? versionId : undefined);
  // Secrets Manager runs this step alone when rotation is set up, which may be before the first token.
  const problem = token && (await problemOf(probe, token, ports));
  if (problem !== undefined) throw new RotationFailed('probe_failed', problem);
}

async function finishSecret(request: RotationRequest, ports: RotationPorts): Promise<void> {
  const stages = await ports.rotation.stages(request.secretId);
  const isPublished = [...stages.values()].some((labels) => labels.includes(CURRENT));
  if (!isPublished) throw new RotationFailed('no_token', `"${request.connection}" has no token`);
  await removePending(request, ports);
}

async function removePending(
  { secretId, versionId }: RotationRequest,
  { rotation }: RotationPorts,
): Promise<void> {
  const stages = await rotation.stages(secretId);
  if (stages.get(versionId)?.includes(PENDING)) await rotation.removePending(secretId, versionId);
}

/** The labels of the reserved version. @throws RotationFailed when it is not reserved for a rotation */
async function reservedStages(
  { secretId, versionId }: RotationRequest,
  { rotation }: RotationPorts,
): Promise<readonly string[]> {
  const stages = (await rotation.stages(secretId)).get(versionId);
  if (stages?.includes(PENDING)) return stages;
  throw new RotationFailed('not_pending', `version ${versionId} is not AWSPENDING: no rotation is under way`);
}

/** @throws RotationFailed for a connection that does not want to be rotated */
async function rotatable(name: string, { state, declared }: RotationPorts): Promise<Connection> {
  const registered = await state.get(name);
  const definition = registered?.definition ?? (await declared.get(name));
  if (definition === undefined) {
    throw new RotationFailed('unknown_connection', `no connection "${name}" is declared`);
  }
  if (registered?.publishedTo === 'parameter') {
    throw new RotationFailed(
      'not_rotatable',
      `the tokens of "${name}" live too short for a secret and are in a parameter, which the console does not rotate: refresh it with "evertoken refresh ${name} --force"`,
    );
  }
  if (definition.consoleRotate && definition.token === undefined) return definition;
  throw new RotationFailed(
    'not_rotatable',
    definition.token === undefined
      ? `"${name}" does not allow rotation: set "consoleRotate": true`
      : `"${name}" publishes to a secret of its own: only <namespace>/tokens/<name> is rotated`,
  );
}

async function probeFor(definition: Connection, { presets }: RotationPorts): Promise<Probe | undefined> {
  return probeOf(definition, await presetOf(definition, presets));
}

async function problemOf(
  probe: Probe,
  token: Secret,
  { tokenEndpoint }: RotationPorts,
  options: CallOptions = {},
): Promise<string | undefined> {
  try {
    return probeProblem(probe, await tokenEndpoint.send(buildProbe(probe, token), options));
  } catch (error) {
    if (error instanceof TokenError) return error.message;
    throw error;
  }
}
