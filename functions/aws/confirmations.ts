import pLimit from 'p-limit';

type Confirm = () => Promise<void>;

/**
 * Calls each confirmation once all that it was given for has happened, so many at once. What fails is not tried again,
 * and what was forgotten is never called: whoever is not confirmed is told again.
 */
export class Confirmations {
  readonly #limit;
  readonly #onEnd: (hasWorked: boolean) => void;
  /** For how many each waits. */
  readonly #open = new Map<Confirm, number>();
  #underWay = 0;

  /** @param onEnd hears of each call that has ended */
  constructor(atOnce: number, onEnd: (hasWorked: boolean) => void) {
    this.#limit = pLimit(atOnce);
    this.#onEnd = onEnd;
  }

  /** Calls that were begun, or wait for their turn. */
  get underWay(): number {
    return this.#underWay;
  }

  await(confirm: Confirm): void {
    this.#open.set(confirm, (this.#open.get(confirm) ?? 0) + 1);
  }

  happened(confirm: Confirm): void {
    const left = this.#open.get(confirm);
    if (left === undefined) return;
    if (left > 1) {
      this.#open.set(confirm, left - 1);
      return;
    }
    this.#open.delete(confirm);
    this.#underWay += 1;
    void this.#limit(() => this.#call(confirm));
  }

  forget(confirm: Confirm): void {
    this.#open.delete(confirm);
  }

  async #call(confirm: Confirm): Promise<void> {
    let hasWorked = true;
    try {
      await confirm();
    } catch {
      hasWorked = false;
    }
    this.#underWay -= 1;
    this.#onEnd(hasWorked);
  }
}
