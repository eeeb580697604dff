import type { Figure, Unit } from '../benchmark.ts';
import type { RecordedRun } from './recorded-figures.ts';

const DEFAULT_TOLERANCE = 0.1;

/** Of a product of the tolerance and the figure; what is less is the rounding of floating point. */
const EPSILON = 1e-9;

/** Whether the figure is the same on every machine, and held to what is committed. */
export const isHeld = ({ unit }: { readonly unit: Unit }) => unit === 'ratio' || unit === 'count';

export const toleranceOf = ({ tolerance = DEFAULT_TOLERANCE }: Pick<Figure, 'tolerance'>) => tolerance;

/** The last value that is not worse than `committed` by more than the figure's tolerance. */
export function limitOf(figure: Omit<Figure, 'name' | 'value'>, committed: number): number {
  const room = Math.abs(committed) * toleranceOf(figure);
  return figure.better === 'higher' ? committed - room : committed + room;
}

/** What is worse in a run than what is committed, in a sentence each; `committed` is undefined where nothing is. */
export function worseFigures(figures: readonly Figure[], committed: RecordedRun | undefined): string[] {
  const run = new Set(figures.map(({ name }) => name));
  const missing = Object.entries(committed?.figures ?? {})
    .filter(([name, figure]) => isHeld(figure) && !run.has(name))
    .map(([name, { value }]) => `"${name}" is missing: ${value} is committed`);
  const worse = figures.filter(isHeld).flatMap((figure) => {
    const before = committed?.figures[figure.name];
    if (before === undefined) return [`"${figure.name}" is not committed: --record writes it`];
    if (before.unit !== figure.unit)
      return [`"${figure.name}" is a ${figure.unit}: a ${before.unit} is committed`];
    return isWorse(figure, before.value) ? [sentence(figure, before.value)] : [];
  });
  return [...missing, ...worse];
}

function isWorse(figure: Figure, committed: number): boolean {
  const limit = limitOf(figure, committed);
  const slack = EPSILON * Math.max(1, Math.abs(limit));
  return figure.better === 'higher' ? figure.value < limit - slack : figure.value > limit + slack;
}

function sentence(figure: Figure, committed: number): string {
  const percent = Number((toleranceOf(figure) * 100).toFixed(1));
  const allowed = Number(limitOf(figure, committed).toPrecision(4));
  const side = figure.better === 'higher' ? 'least' : 'most';
  return `"${figure.name}" is ${figure.value}: ${committed} is committed, which with ${percent}% allows ${allowed} at ${side}`;
}
