import type { Figure } from '../benchmark.ts';

/** On what figures were measured. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
}

export type RecordedFigure = Omit<Figure, 'name'>;

/** One run of a benchmark, as `bench/figures.json` keeps it. */
export interface RecordedRun {
  /** The day, `YYYY-MM-DD`. */
  readonly date: string;
  readonly machine: Machine;
  /** What makes these figures. */
  readonly command: string;
  /** By name. */
  readonly figures: Readonly<Record<string, RecordedFigure>>;
}

export const FORMS = ['short', 'full'] as const;
export type Form = (typeof FORMS)[number];

/** `bench/figures.json`: the committed figures by benchmark and form. */
export type RecordedFigures = Readonly<Record<string, Readonly<Partial<Record<Form, RecordedRun>>>>>;

export interface NewRun {
  readonly name: string;
  readonly form: Form;
  readonly figures: readonly Figure[];
  readonly date: string;
  readonly machine: Machine;
}

/** With one run in the place of the one before: other benchmarks, and the other form, stay. Sorted by name. */
export function withRun(
  recorded: RecordedFigures,
  { name, form, figures, date, machine }: NewRun,
): RecordedFigures {
  const run: RecordedRun = {
    date,
    machine,
    command: commandOf(name, form),
    figures: Object.fromEntries(figures.map(({ name, ...figure }) => [name, figure])),
  };
  const { short, full }: Partial<Record<Form, RecordedRun>> = { ...recorded[name], [form]: run };
  const forms = { ...(short && { short }), ...(full && { full }) };
  const all = Object.entries({ ...recorded, [name]: forms });
  return Object.fromEntries(all.sort(([one], [other]) => (one < other ? -1 : 1)));
}

export const commandOf = (name: string, form: Form) =>
  `npm run bench -- ${name}${form === 'full' ? ' --full' : ''}`;

/**
 * The figures of a run as they are told, held and kept: what is no whole number to four digits.
 * @throws Error when a name stands twice or a value is no number
 */
export function checkedFigures(figures: readonly Figure[]): Figure[] {
  const names = new Set<string>();
  return figures.map((figure) => {
    if (names.has(figure.name)) throw new Error(`two figures are called "${figure.name}"`);
    names.add(figure.name);
    if (!Number.isFinite(figure.value))
      throw new Error(`"${figure.name}": found ${figure.value}, expected a number`);
    return { ...figure, value: rounded(figure.value) };
  });
}

function rounded(value: number): number {
  if (Number.isInteger(value)) return value;
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4));
}
