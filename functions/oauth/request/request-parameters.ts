import type { Parameters, RequestRules } from '../endpoint-rules.ts';

/**
 * The parameters of one token request, by their RFC names. A name stands once, with one value or with
 * several that were declared together (RFC 6749 section 3.2 forbids other repetition). Empty values are
 * omitted (the same section); values are never trimmed.
 */
export class RequestParameters {
  readonly #values = new Map<string, readonly string[]>();
  readonly #allowed: ReadonlySet<string> | undefined;

  /** @param sendOnly RFC names of the parameters that may be sent. Default: any. */
  constructor(sendOnly?: readonly string[]) {
    this.#allowed = sendOnly && new Set(sendOnly);
  }

  /** Whether a parameter of this name would be sent. */
  allows(name: string): boolean {
    return this.#allowed?.has(name) ?? true;
  }

  /** Sets a parameter, in place of what it was. */
  set(name: string, value: string | readonly string[] | undefined): void {
    if (!this.allows(name)) return;
    const values = (typeof value === 'string' ? [value] : (value ?? [])).filter((each) => each !== '');
    if (values.length > 0) this.#values.set(name, values);
  }

  setAll(parameters: Parameters | undefined): void {
    for (const [name, value] of Object.entries(parameters ?? {})) this.set(name, value);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The first value. */
  get(name: string): string | undefined {
    return this.#values.get(name)?.[0];
  }

  /** Name and values under the provider's names; of two that meet in one name, the later stays. */
  named(names: RequestRules['parameterNames']): ReadonlyMap<string, readonly string[]> {
    const result = new Map<string, readonly string[]>();
    for (const [name, values] of this.#values) {
      result.set(Object.hasOwn(names, name) ? (names[name] ?? name) : name, values);
    }
    return result;
  }
}

/** `application/x-www-form-urlencoded`, RFC 6749 appendix B. */
export function toForm(parameters: ReadonlyMap<string, readonly string[]>): string {
  const form = new URLSearchParams();
  for (const [name, values] of parameters) for (const value of values) form.append(name, value);
  return form.toString();
}

/** A JSON object; several values of one name become an array. */
export function toJson(parameters: ReadonlyMap<string, readonly string[]>): string {
  return JSON.stringify(
    Object.fromEntries(
      [...parameters].map(([name, values]) => [name, values.length > 1 ? values : values[0]]),
    ),
  );
}
