/**
 * A terminal of so many rows and columns, as far as redrawing goes: it wraps, scrolls, and obeys "to the upper left" and
 * "erase what follows". What has scrolled away is lost, as it is for who looks.
 */
export class SmallTerminal {
  readonly isTTY = true;
  rows: number;
  columns: number;
  /** Lines that went out of sight. */
  scrolled = 0;
  #lines: string[] = [''];
  #listeners = new Set<() => void>();

  constructor(rows: number, columns: number) {
    this.rows = rows;
    this.columns = columns;
  }

  write(text: string): void {
    const [before = '', ...anew] = text.split('\u001b[1;1H\u001b[0J');
    this.#print(before);
    for (const part of anew) {
      this.#lines = [''];
      this.#print(part);
    }
  }

  /** What is to be seen now. */
  get screen(): readonly string[] {
    return this.#lines;
  }

  resize(rows: number, columns: number): void {
    this.rows = rows;
    this.columns = columns;
    for (const listener of [...this.#listeners]) listener();
  }

  on(_event: 'resize', listener: () => void): void {
    this.#listeners.add(listener);
  }

  off(_event: 'resize', listener: () => void): void {
    this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  #print(text: string): void {
    for (const character of text) {
      if (character === '\n') this.#feed();
      else this.#put(character);
    }
  }

  #put(character: string): void {
    if ((this.#lines.at(-1) ?? '').length >= this.columns) this.#feed();
    this.#lines.push(`${this.#lines.pop() ?? ''}${character}`);
  }

  #feed(): void {
    this.#lines.push('');
    if (this.#lines.length <= this.rows) return;
    this.#lines.shift();
    this.scrolled += 1;
  }
}
