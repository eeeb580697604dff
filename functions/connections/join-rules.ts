/**
 * Rules over rules: what `over` says counts. Objects are joined by their keys; all else is replaced whole.
 */
export function joinRules<Rules extends object>(under: Rules, over: object): Rules {
  const joined: { [key: string]: unknown } = Object.fromEntries(Object.entries(under));
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const before = joined[key];
    if (!isJoined(key, before, value)) joined[key] = value;
    else if (OF_WHOLE_THINGS.has(key)) joined[key] = { ...(before as object), ...(value as object) };
    else joined[key] = joinRules(before as object, value as object);
  }
  return joined as Rules;
}

/** What is one thing and means nothing in part: it is replaced whole. */
const WHOLE = new Set(['assertion', 'identity', 'presentation', 'probe', 'revocation']);
/** Such things by their names. */
const OF_WHOLE_THINGS = new Set(['assertionByGrant', 'placeholders']);

function isJoined(key: string, before: unknown, value: unknown): boolean {
  const isObject = (each: unknown) => typeof each === 'object' && each !== null && !Array.isArray(each);
  return !WHOLE.has(key) && isObject(before) && isObject(value);
}
