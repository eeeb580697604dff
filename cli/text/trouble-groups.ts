import type { RefreshFailure } from '../../functions/refresh/connection-state.ts';
import { sameTrouble, withoutFigures, withoutNames } from '../../functions/refresh/rules/same-trouble.ts';
import { inertStart } from '../../functions/text/inert.ts';
import { thousands } from '../../functions/text/thousands.ts';
import { durationText } from '../../functions/text/times.ts';
import type { ConnectionStatus } from '../connections/connection-status.ts';
import type { Paint } from './colour.ts';
import { countText } from './table.ts';

/** What is the matter with one connection. */
export interface Trouble extends RefreshFailure {
  readonly connection: string;
  /** Epoch milliseconds; absent where nothing says. */
  readonly since: number | undefined;
  /** Whether a person must do something about it. */
  readonly needed: boolean;
}

/** Connections with the same trouble. */
export interface TroubleGroup {
  /** The first speaks for all. At least one. */
  readonly troubles: readonly Trouble[];
  readonly needed: boolean;
  readonly code: string;
  /** Words of each, what differs by connection left out; the most frequent first. */
  readonly messages: readonly string[];
  readonly remedy: string;
  /** When it began with the first of them. */
  readonly since: number | undefined;
}

/** All that is the matter with a connection. What a person is needed for is said in its own words. */
export function troublesOf({
  connection,
  need,
  error,
  misfit,
  failingSince,
}: ConnectionStatus): readonly Trouble[] {
  const failing = need ?? error;
  const since = need?.since ?? failingSince;
  return [
    ...(failing === null
      ? []
      : [
          {
            ...words(failing),
            connection,
            since: since === null ? undefined : Date.parse(since),
            needed: need !== null,
          },
        ]),
    ...(misfit === null ? [] : [{ ...words(misfit), connection, since: undefined, needed: false }]),
  ];
}

const words = ({ code, message, remedy }: RefreshFailure): RefreshFailure => ({ code, message, remedy });

/**
 * The same trouble is what has the same code and the same remedy but for names and figures: what needs a person first,
 * then what most connections have.
 */
export function groupTroubles(troubles: readonly Trouble[]): readonly TroubleGroup[] {
  const byKind = Map.groupBy(troubles, (trouble) => sameTrouble(trouble, trouble.connection));
  return [...byKind.values()]
    .map(groupOf)
    .sort(
      (one, other) =>
        Number(other.needed) - Number(one.needed) || other.troubles.length - one.troubles.length,
    );
}

function groupOf(troubles: readonly Trouble[]): TroubleGroup {
  const [first] = troubles;
  if (first === undefined) throw new TypeError('a group has at least one trouble');
  const { needed, code } = first;
  const since = troubles.reduce<number | undefined>(
    (least, each) => (each.since === undefined ? least : Math.min(least ?? each.since, each.since)),
    undefined,
  );
  // What all have to the word can be done as it is said.
  const isCommon = troubles.every(({ remedy }) => remedy === first.remedy);
  const remedy = isCommon ? first.remedy : withoutNames(first.remedy, first.connection);
  const messages = troubles.length === 1 ? [first.message] : messagesOf(troubles);
  return { troubles, needed, code, messages, remedy, since };
}

function messagesOf(troubles: readonly Trouble[]): readonly string[] {
  const alike = Map.groupBy(troubles, (trouble) =>
    withoutFigures(withoutNames(trouble.message, trouble.connection)),
  );
  return [...alike.values()]
    .sort((one, other) => other.length - one.length)
    .flatMap(([first]) => (first === undefined ? [] : [withoutNames(first.message, first.connection)]));
}

/** What is the matter, in the words of whoever said no, and what to do about it. `now` in epoch milliseconds. */
export function groupText(group: TroubleGroup, now: number, paint: Paint): string {
  const { troubles, code, messages, remedy, since } = group;
  const [message = '', ...others] = messages;
  const isOne = troubles.length === 1;
  const age =
    since === undefined ? '' : `, for ${isOne ? '' : 'up to '}${durationText(Math.max(0, now - since))}`;
  const more = others.length === 0 ? '' : ` (and ${countText(others.length, 'other wording')})`;
  return [
    `${whose(group, paint)}: ${inertStart(code)}${age}`,
    ...(isOne ? [] : [`  ${namesText(troubles.map(({ connection }) => connection))}`]),
    `  ${inertStart(message)}${more}`,
    `  To do: ${inertStart(remedy)}`,
  ].join('\n');
}

function whose({ troubles }: TroubleGroup, paint: Paint): string {
  const [first] = troubles;
  return paint(
    'bold',
    first !== undefined && troubles.length === 1
      ? inertStart(first.connection)
      : countText(troubles.length, 'connection'),
  );
}

/** A few of many, for a line. */
const NAMED = 3;
const LONGEST_NAME = 60;

/** `a, b, c and 291 more`. */
export function namesText(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).map((name) => inertStart(name, LONGEST_NAME));
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join(', ')} and ${thousands(more)} more`;
  return shown.join(', ');
}
