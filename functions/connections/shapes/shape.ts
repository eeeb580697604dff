/** Told in place of a value that is not of a shape. */
export const REFUSED = Symbol('refused');

/**
 * Reads a value as a schema does, with what is absent filled in, but cannot say what is wrong: `REFUSED` where the schema
 * would refuse, or where only the schema knows. A cold start has read its first value before a schema is built.
 * `undefined` stands for what is absent, and comes of what may be.
 */
export type Shape<Value = unknown> = (value: unknown) => Value | typeof REFUSED;

const accepting =
  (isFine: (value: unknown) => boolean): Shape =>
  (value) =>
    isFine(value) ? value : REFUSED;

export const anything: Shape = (value) => value;

/** Lengths are those of JavaScript. */
export function text({ least = 0, most = Number.POSITIVE_INFINITY, like = /(?:)/ } = {}): Shape {
  return accepting(
    (value) => typeof value === 'string' && value.length >= least && value.length <= most && like.test(value),
  );
}

export interface Bounds {
  /** Without a fraction, and exact. */
  readonly whole?: boolean;
  readonly from?: number;
  readonly to?: number;
  readonly above?: number;
}

export function number({ whole = false, from, to, above }: Bounds = {}): Shape {
  const isNumber = whole ? Number.isSafeInteger : Number.isFinite;
  const isWithin = (value: number) =>
    (from === undefined || value >= from) &&
    (to === undefined || value <= to) &&
    (above === undefined || value > above);
  return accepting((value) => isNumber(value) && isWithin(value as number));
}

export function oneOf(...values: readonly unknown[]): Shape {
  return accepting((value) => values.includes(value));
}

export const flag: Shape = oneOf(true, false);

export function list(item: Shape, { least = 0, most = Number.POSITIVE_INFINITY } = {}): Shape {
  return (value) => {
    if (!Array.isArray(value) || value.length < least || value.length > most) return REFUSED;
    const items = value.map((each) => (each === undefined ? REFUSED : item(each)));
    return items.includes(REFUSED) ? REFUSED : items;
  };
}

/** An object with any keys that are of a shape. */
export function record(key: Shape, item: Shape): Shape {
  return (value) => {
    if (!isPlain(value)) return REFUSED;
    const read: [string, unknown][] = Object.entries(value).map(([name, each]) => [
      name,
      each === undefined || name === '__proto__' || key(name) === REFUSED ? REFUSED : item(each),
    ]);
    return read.some(([, each]) => each === REFUSED) ? REFUSED : Object.fromEntries(read);
  };
}

/** An object with these fields and no others, in this order. */
export function object(fields: Readonly<Record<string, Shape>>): Shape {
  const shapes = Object.entries(fields);
  return (value) => {
    if (!isPlain(value)) return REFUSED;
    const isKnown = Object.entries(value).every(
      ([name, each]) => each !== undefined && Object.hasOwn(fields, name),
    );
    if (!isKnown) return REFUSED;
    const read: Record<string, unknown> = {};
    for (const [name, shape] of shapes) {
      const field = shape(value[name]);
      if (field === REFUSED) return REFUSED;
      if (field !== undefined) read[name] = field;
    }
    return read;
  };
}

/** The first of these that it is. */
export function either(...shapes: readonly Shape[]): Shape {
  return (value) => {
    for (const shape of shapes) {
      const read = shape(value);
      if (read !== REFUSED) return read;
    }
    return REFUSED;
  };
}

/** What may be absent. */
export function optional(shape: Shape): Shape {
  return (value) => (value === undefined ? undefined : shape(value));
}

/** What stands for `absent` where it is absent; that is read, too. */
export function fallback(absent: unknown, shape: Shape): Shape {
  return (value) => shape(value === undefined ? absent : value);
}

/** What must please a judge, too, who answers `undefined` when it does. */
export function judged(shape: Shape, problemOf: (value: never) => unknown): Shape {
  return (value) => {
    const read = shape(value);
    return read === REFUSED || problemOf(read as never) === undefined ? read : REFUSED;
  };
}

/** Of JSON, or of a table: anything else is left to the schema. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
