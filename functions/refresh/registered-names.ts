import { hash } from 'node:crypto';

const FIRST_SLOTS = 1_024;
/** Beyond that share of slots in use, looking for one takes long. */
const MOST_FULL = 0.8;
const SEEN = 1;
const USED = 2;
/** Bytes that stand for a name. */
const NAME_BYTES = 8;

/**
 * Who is registered with which definition, and who of them a listing has come to: 17 bytes a slot, so that a hundred
 * thousand take some megabytes. Of names and digests it keeps 64 bits each: that two of a hundred thousand names are
 * taken for each other has a chance of one in some billions, and then one is not missed that is.
 */
export class RegisteredNames {
  #slots = FIRST_SLOTS;
  #words = new Uint32Array(FIRST_SLOTS * 4);
  #flags = new Uint8Array(FIRST_SLOTS);
  #size = 0;
  #seen = 0;

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** How many of them were seen. */
  get seen(): number {
    return this.#seen;
  }

  /** What they take. */
  get bytes(): number {
    return this.#words.byteLength + this.#flags.byteLength;
  }

  /** `false` where it is there already, and nothing changes. */
  add(name: string, digest: string | undefined): boolean {
    const [high, low] = wordsOf(name);
    const slot = this.#find(high, low);
    if (this.#isUsed(slot)) return false;
    const [first, second] = digestWords(digest);
    this.#put(slot, [high, low, first, second], USED);
    return true;
  }

  has(name: string): boolean {
    return this.#isUsed(this.#find(...wordsOf(name)));
  }

  /** Whether it is there with this digest. */
  isSame(name: string, digest: string): boolean {
    const slot = this.#find(...wordsOf(name));
    const [first, second] = digestWords(digest);
    const isSame = this.#words[slot * 4 + 2] === first && this.#words[slot * 4 + 3] === second;
    return this.#isUsed(slot) && isSame;
  }

  /** From now on nobody knows its digest. */
  doubt(name: string): void {
    const slot = this.#find(...wordsOf(name));
    if (this.#isUsed(slot)) this.#words.fill(0, slot * 4 + 2, slot * 4 + 4);
  }

  /** Notes that a listing came to it, whether it is there or not. `false` where it came before. */
  see(name: string): boolean {
    return this.#see(...wordsOf(name));
  }

  hasSeen(name: string): boolean {
    return ((this.#flags[this.#find(...wordsOf(name))] as number) & SEEN) !== 0;
  }

  /** Forgets what was seen: the listing begins anew. */
  forgetSeen(): void {
    this.#seen = 0;
    for (let slot = 0; slot < this.#slots; slot += 1)
      this.#flags[slot] = (this.#flags[slot] as number) & USED;
  }

  /** Those that were seen, 8 bytes each. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(this.#seen * NAME_BYTES);
    const view = new DataView(bytes.buffer);
    let at = 0;
    for (let slot = 0; slot < this.#slots; slot += 1) {
      if (((this.#flags[slot] as number) & SEEN) === 0) continue;
      view.setUint32(at, this.#words[slot * 4] as number);
      view.setUint32(at + 4, this.#words[slot * 4 + 1] as number);
      at += NAME_BYTES;
    }
    return bytes;
  }

  /** Notes the same of those that `toBytes` gave. */
  seeBytes(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at + NAME_BYTES <= bytes.byteLength; at += NAME_BYTES) {
      this.#see(view.getUint32(at), view.getUint32(at + 4));
    }
  }

  #see(high: number, low: number): boolean {
    const slot = this.#find(high, low);
    const flags = this.#flags[slot] as number;
    if ((flags & SEEN) !== 0) return false;
    this.#seen += 1;
    if ((flags & USED) !== 0) this.#flags[slot] = USED | SEEN;
    else this.#put(slot, [high, low, 0, 0], USED | SEEN);
    return true;
  }

  #isUsed(slot: number): boolean {
    return ((this.#flags[slot] as number) & USED) !== 0;
  }

  /** Its slot, or the free one where it would go. */
  #find(high: number, low: number): number {
    const last = this.#slots - 1;
    for (let slot = high & last; ; slot = (slot + 1) & last) {
      if (!this.#isUsed(slot)) return slot;
      if (this.#words[slot * 4] === high && this.#words[slot * 4 + 1] === low) return slot;
    }
  }

  #put(slot: number, words: readonly number[], flags: number): void {
    this.#words.set(words, slot * 4);
    this.#flags[slot] = flags;
    this.#size += 1;
    if (this.#size > this.#slots * MOST_FULL) this.#grow();
  }

  #grow(): void {
    const [words, flags] = [this.#words, this.#flags];
    this.#slots *= 2;
    this.#words = new Uint32Array(this.#slots * 4);
    this.#flags = new Uint8Array(this.#slots);
    for (let slot = 0; slot < flags.length; slot += 1) {
      if (flags[slot] === 0) continue;
      const entry = words.subarray(slot * 4, slot * 4 + 4);
      const place = this.#find(entry[0] as number, entry[1] as number);
      this.#words.set(entry, place * 4);
      this.#flags[place] = flags[slot] as number;
    }
  }
}

/** Nothing is known by what is no digest. */
function digestWords(digest: string | undefined): [first: number, second: number] {
  const bytes = Buffer.from(digest ?? '', 'base64url');
  return bytes.length < 8 ? [0, 0] : [bytes.readUInt32BE(0), bytes.readUInt32BE(4)];
}

/** Names are people's words: hashed, they spread evenly. */
function wordsOf(text: string): [high: number, low: number] {
  const digest = hash('sha256', text, 'buffer');
  return [digest.readUInt32BE(0), digest.readUInt32BE(4)];
}
