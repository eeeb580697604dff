import type { Connection } from '../../../functions/connections/connection.ts';
import { providerPresetSchema } from '../../../functions/connections/provider-preset.ts';
import type { SingleRequest } from '../../../functions/oauth/request/http-request.ts';
import { Secret } from '../../../functions/oauth/secret.ts';
import { StoreError } from '../../../functions/refresh/ports/stores.ts';
import {
  type RotationPorts,
  type RotationStep,
  rotateSecret,
} from '../../../functions/refresh/rotate-secret.ts';
import { RefreshWorld } from '../../support/refresh-world.ts';

export const NAME = 'crm';

/** A probe as the provider received it. */
interface Probe {
  readonly method: string;
  readonly url: string;
  readonly authorization: string;
  /** The version that readers got while it was answered. */
  readonly current: string | undefined;
}

/** A world with the labels of one token's secret, and the API of a provider that rotations probe. */
export class RotationWorld extends RefreshWorld {
  readonly declared = new Map<string, Connection>();
  readonly labels = new Map<string, readonly string[]>();
  readonly probes: Probe[] = [];
  readonly presetsAsked: string[] = [];
  /** The API's answer to a probe. */
  answerProbe: () => number = () => 200;
  removalFails: Error | undefined;
  /** The version that the steps of a rotation are about. */
  reserved = 'none';
  readonly #values = new Map<string, Secret>();

  /** Reserves a version, as Secrets Manager does before the first step. */
  reserve(): void {
    this.reserved = this.random.uuid();
    this.#label(this.reserved, 'AWSPENDING');
  }

  /** The version with a label. */
  holderOf(label: string): string | undefined {
    return [...this.labels].find(([, labels]) => labels.includes(label))?.[0];
  }

  /** The access token that readers get. */
  currentToken(): string | undefined {
    return this.#values.get(this.holderOf('AWSCURRENT') ?? '')?.reveal();
  }

  rotate(step: RotationStep, connection = NAME): Promise<void> {
    const functionEndsAt = this.clock.now() + this.functionTimeMs;
    const request = { step, connection, secretId: 'the-secret', versionId: this.reserved, functionEndsAt };
    return this.clock.run(() => rotateSecret(request, this.ports()));
  }

  override ports(process: Parameters<RefreshWorld['ports']>[0] = {}): RotationPorts {
    const ports = super.ports(process);
    return {
      ...ports,
      declared: { get: async (name) => this.declared.get(name) },
      presets: async (id) => {
        this.presetsAsked.push(id);
        return id === PROBED.id ? PROBED : undefined;
      },
      tokens: {
        prove: ports.tokens.prove,
        publish: async (connection, published, versionId, options = {}) => {
          await ports.tokens.publish(connection, published, versionId, options);
          this.#values.set(versionId, published.token.access_token);
          for (const label of options.stages ?? ['AWSCURRENT']) this.#label(versionId, label);
        },
      },
      tokenEndpoint: {
        exchange: ports.tokenEndpoint.exchange,
        discover: ports.tokenEndpoint.discover,
        send: async (request) => this.#answer(request),
      },
      rotation: {
        stages: async () => new Map(this.labels),
        accessToken: async (_, versionId = this.holderOf('AWSCURRENT')) => this.#values.get(versionId ?? ''),
        removePending: async (_, versionId) => {
          if (this.removalFails) throw this.removalFails;
          if (this.holderOf('AWSPENDING') !== versionId) {
            throw new StoreError('denied', 'InvalidParameterException', 'the label is on another version');
          }
          this.#unlabel('AWSPENDING');
        },
      },
    };
  }

  #answer({ method, url, headers }: SingleRequest) {
    const { authorization } = headers;
    this.probes.push({
      method,
      url: url.reveal(),
      authorization: authorization instanceof Secret ? authorization.reveal() : 'not kept secret',
      current: this.holderOf('AWSCURRENT'),
    });
    return { status: this.answerProbe(), headers: {}, body: new Secret('') };
  }

  /** A label is on one version at most, and a version without any is no longer listed. */
  #label(versionId: string, label: string): void {
    this.#unlabel(label);
    this.labels.set(versionId, [...(this.labels.get(versionId) ?? []), label]);
  }

  #unlabel(label: string): void {
    const versionId = this.holderOf(label);
    if (versionId === undefined) return;
    const left = (this.labels.get(versionId) ?? []).filter((other) => other !== label);
    if (left.length > 0) this.labels.set(versionId, left);
    else this.labels.delete(versionId);
  }
}

/** A provider whose access tokens can be tried at an API of its own. */
const PROBED = providerPresetSchema.parse({
  schema: 1,
  id: 'probed',
  name: 'probed',
  docsUrl: 'https://idp.example.com/docs',
  tokenUrl: 'https://idp.example.com/token',
  grants: ['refresh_token'],
  supportedGrants: ['refresh_token'],
  probe: { method: 'GET', url: 'https://idp.example.com/v1/me' },
});
