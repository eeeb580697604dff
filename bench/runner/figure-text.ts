import type { Figure, Unit } from '../benchmark.ts';

/** A value with its unit, as a person reads it. */
export function valueText(value: number, unit: Unit): string {
  const text = value.toLocaleString('en', { maximumSignificantDigits: 15 });
  if (unit === 'ratio' || unit === 'count') return text;
  if (unit === 'dollars') return `$${text}`;
  return unit === 'per second' ? `${text}/s` : `${text} ${unit}`;
}

/** The goal, and whether the value misses it. Empty without one. */
export function goalText({ goal, better, unit, value }: Omit<Figure, 'name'>): string {
  if (goal === undefined) return '';
  const isMissed = better === 'higher' ? value < goal : value > goal;
  return `${better === 'higher' ? '≥' : '≤'} ${valueText(goal, unit)}${isMissed ? ', missed' : ''}`;
}
