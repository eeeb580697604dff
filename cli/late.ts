type Asynchronous<T> = { readonly [Key in keyof T]: (...args: never[]) => Promise<unknown> };

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
 * An object of which only methods are used, and all answer with promises: it is loaded at the first call, with all that
 * it imports.
 */
export function late<T extends Asynchronous<T>>(load: () => Promise<T>): T {
  const loaded = once(load);
  const methods = new Map<PropertyKey, (...args: never[]) => Promise<unknown>>();
  return new Proxy({} as T, {
    get(_, key) {
      // Whatever has that method is taken for a promise.
      if (key === 'then') return undefined;
      const method = methods.get(key) ?? (async (...args) => (await loaded())[key as keyof T](...args));
      methods.set(key, method);
      return method;
    },
  });
}
