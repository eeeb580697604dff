import { inspect } from 'node:util';

/**
 * A string that cannot be printed by accident: `String()`, template literals, `JSON.stringify`,
 * `util.inspect` and `console.log` all show `[secret]`. Unwrap it with `reveal()`, and only where
 * the value leaves the process: a token request, a secret write.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Call it at the boundary, never to keep the result. */
  reveal(): string {
    return this.#value;
  }

  /** Size in bytes of the value in UTF-8. */
  get byteLength(): number {
    return Buffer.byteLength(this.#value);
  }

  equals(other: Secret | undefined): boolean {
    return other !== undefined && other.#value === this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
