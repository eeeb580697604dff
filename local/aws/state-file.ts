import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { z } from 'zod';

/** A JSON file that holds the state of one service; readable by its owner only. */
export class StateFile<State> {
  readonly #path: string;
  readonly #schema: z.ZodType<State>;
  #writing: Promise<void> = Promise.resolve();
  #queued: Promise<void> | undefined;

  constructor(path: string, schema: z.ZodType<State>) {
    this.#path = path;
    this.#schema = schema;
  }

  /**
   * The stored state; `undefined` when there is no file yet.
   * @throws Error naming the file when it does not hold what `save` wrote
   */
  async load(): Promise<State | undefined> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      return this.#schema.parse(JSON.parse(text));
    } catch {
      // The parser's own message would quote the file, which holds secrets.
      throw new Error(`${this.#path} is damaged. Restore it, or move it away to start empty.`);
    }
  }

  /**
   * Stores the state as `snapshot` gives it when the write begins; replaces the file in one step.
   * Calls that come while a write runs share the next one. Resolves when the caller's state is stored.
   */
  save(snapshot: () => State): Promise<void> {
    this.#queued ??= this.#writing
      .catch(() => undefined) // told to those who waited for that write
      .then(() => {
        this.#queued = undefined;
        this.#writing = this.#write(JSON.stringify(snapshot()));
        return this.#writing;
      });
    return this.#queued;
  }

  async #write(text: string): Promise<void> {
    const temporary = `${this.#path}.${process.pid}.tmp`;
    try {
      await writeFile(temporary, text, { mode: 0o600, flush: true });
      await rename(temporary, this.#path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }
}
