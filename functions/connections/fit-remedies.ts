/** What of a connection remains open to change, once its problem is known. All in seconds. */
export interface Leeway {
  readonly lifetime: number;
  /** Of lifetime − margin, the least that the interval allows. */
  readonly cycle: number;
  /** How long a reader may still pick up the old token after the margin began. */
  readonly safeAge: number;
  readonly cache: number;
}

/** Ways out of an interval that is too short: margin and cache, another place, a longer lifetime. */
export function intervalRemedy(
  { lifetime, cycle, safeAge, cache }: Leeway,
  { mayMove, leastLifetime }: { readonly mayMove: boolean; readonly leastLifetime: number },
): string {
  const mostMargin = Math.floor(lifetime - cycle);
  const mostCache = Math.floor(mostMargin - safeAge);
  const readers = mostCache < cache ? ` with readerCacheSeconds at most ${text(mostCache)}` : '';
  return choices([
    ...(mostCache < 0 ? [] : [`set marginSeconds to ${text(mostMargin)}${readers}`]),
    ...(mayMove ? ['set "publishTo" to "parameter", which may be written as often'] : []),
    `have the provider issue tokens that live at least ${text(leastLifetime)} s`,
  ]);
}

/** Raises the margin where both half the lifetime and the interval allow it; else shortens the cache. */
export function readerRemedy(
  { lifetime, cycle, cache }: Leeway,
  {
    margin,
    earliest,
    wanted,
  }: { readonly margin: number; readonly earliest: number; readonly wanted: number },
): string {
  const most = Math.floor(Math.min(lifetime / 2, lifetime - cycle, earliest));
  const shorterCache = Math.floor(margin - (wanted - cache));
  const settings = [
    ...(wanted <= most ? [`set marginSeconds to ${text(Math.ceil(wanted))}`] : []),
    ...(shorterCache >= 0
      ? [`have readers cache for at most ${text(shorterCache)} s and set readerCacheSeconds to that`]
      : []),
  ];
  if (settings.length > 0) return choices(settings);
  const lifetimeWanted = Math.ceil(Math.max(wanted * 2, wanted + cycle));
  return `have the provider issue tokens that live at least ${text(lifetimeWanted)} s and set marginSeconds to ${text(Math.ceil(wanted))}`;
}

/** Seconds as people read them. */
export const text = (seconds: number) => String(Math.round(seconds * 10) / 10);

const choices = (all: readonly string[]) => all.join(', or ');
