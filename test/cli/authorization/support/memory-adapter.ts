import type { Adapter, AdapterPayload } from 'oidc-provider';

/** What oidc-provider remembers, in memory, for as long as the test runs: an `adapter` for its configuration. */
export function memoryAdapter(): (model: string) => Adapter {
  const entries = new Map<string, AdapterPayload>();
  return (model) => {
    const key = (id: string) => `${model}:${id}`;
    const findBy = (field: 'uid' | 'userCode', value: string) =>
      [...entries].find(([at, payload]) => at.startsWith(`${model}:`) && payload[field] === value)?.[1];
    return {
      upsert: async (id, payload) => void entries.set(key(id), payload),
      find: async (id) => entries.get(key(id)),
      findByUid: async (uid) => findBy('uid', uid),
      findByUserCode: async (userCode) => findBy('userCode', userCode),
      consume: async (id) => {
        const entry = entries.get(key(id));
        if (entry) entry.consumed = true;
      },
      destroy: async (id) => void entries.delete(key(id)),
      revokeByGrantId: async (grantId) => {
        for (const [at, payload] of entries) if (payload.grantId === grantId) entries.delete(at);
      },
    };
  };
}
