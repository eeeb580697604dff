/** What of an object does not answer with a promise. */
type Immediate<T> = {
  [Key in keyof T as T[Key] extends (...args: never[]) => Promise<unknown> ? never : Key]: T[Key];
};

/** Loads what is asked for once, however often; a load that fails is tried again. */
export function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}

/**
 * An object that is loaded, with all that it imports, when one of its methods is called for the first time.
 * @param own what must answer at once, and therefore loads it by itself
 */
export function late<T extends object>(
  load: () => Promise<T>,
  ...[own]: keyof Immediate<T> extends never ? [] : [own: Immediate<T>]
): T {
  const loaded = once(load);
  const methods = new Map<PropertyKey, unknown>(Object.entries(own ?? {}));
  // Whatever has that method is taken for a promise.
  methods.set('then', undefined);
  return new Proxy({} as T, {
    get(_, key) {
      if (!methods.has(key)) {
        methods.set(key, async (...args: unknown[]) => {
          const object = (await loaded()) as Record<PropertyKey, (...args: unknown[]) => unknown>;
          return object[key]?.(...args);
        });
      }
      return methods.get(key);
    },
  });
}
