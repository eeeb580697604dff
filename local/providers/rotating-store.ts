import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Clock } from '../../functions/refresh/ports/outside.ts';

interface Entry {
  readonly payload: AdapterPayload;
  /** Epoch milliseconds by the given clock. */
  readonly expiresAt: number;
  consumed: boolean;
}

/**
 * What oidc-provider remembers, in memory. oidc-provider reads the machine's clock; here `exp` is translated
 * on the way out, so that tokens live and expire by the given clock, to the millisecond.
 */
export class RotatingStore {
  readonly #entries = new Map<string, Map<string, Entry>>();
  readonly #clock: Clock;
  readonly #client: () => AdapterPayload & { client_id: string };

  /** `client` answers with the only client's metadata as they are at that moment. */
  constructor(clock: Clock, client: () => AdapterPayload & { client_id: string }) {
    this.#clock = clock;
    this.#client = client;
  }

  /** Forgets every entry of one model, e.g. `RefreshToken`. */
  clear(model: string): void {
    this.#entries.delete(model);
  }

  /** The `adapter` of an oidc-provider configuration. */
  readonly adapter = (model: string): Adapter => ({
    upsert: async (id, payload, expiresIn) => {
      this.#forgetExpired(model);
      const expiresAt = expiresIn === undefined ? Infinity : this.#clock.now() + expiresIn * 1000;
      this.#model(model).set(id, { payload, expiresAt, consumed: false });
    },
    find: async (id) => {
      if (model === 'Client') return this.#client().client_id === id ? this.#client() : undefined;
      const entry = this.#model(model).get(id);
      return entry && this.#read(entry);
    },
    // Sessions and device codes, which no grant type here has.
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
    consume: async (id) => {
      const entry = this.#model(model).get(id);
      if (entry) entry.consumed = true;
    },
    destroy: async (id) => {
      this.#model(model).delete(id);
    },
    revokeByGrantId: async (grantId) => {
      for (const [id, { payload }] of this.#model(model)) {
        if (payload.grantId === grantId) this.#model(model).delete(id);
      }
    },
  });

  #read({ payload, expiresAt, consumed }: Entry): AdapterPayload {
    const machineNow = Math.floor(Date.now() / 1000);
    const remainingSeconds = (expiresAt - this.#clock.now()) / 1000;
    return {
      ...payload,
      ...(Number.isFinite(expiresAt) && {
        // A second more than is left: the machine's may turn before oidc-provider compares.
        exp: machineNow + (remainingSeconds > 0 ? Math.ceil(remainingSeconds) + 1 : -1),
      }),
      ...(consumed && { consumed: true }),
    };
  }

  #model(model: string): Map<string, Entry> {
    const found = this.#entries.get(model) ?? new Map<string, Entry>();
    this.#entries.set(model, found);
    return found;
  }

  /** Tokens outlive their expiry by an hour, so that a late reuse is still seen as one. */
  #forgetExpired(model: string): void {
    const longAgo = this.#clock.now() - 3_600_000;
    for (const [id, { expiresAt }] of this.#model(model)) {
      if (expiresAt < longAgo) this.#model(model).delete(id);
    }
  }
}
