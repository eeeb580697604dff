export const ENDED_BEFORE_IT_IS_SENT =
  'must be less than lifetimeSeconds: the assertion would have ended before it is sent';

/** Why an assertion that is dated back so far would be of no use; `undefined` when it is. */
export function lifetimeProblem({
  lifetimeSeconds,
  backdatedSeconds,
}: {
  readonly lifetimeSeconds: number;
  readonly backdatedSeconds: number;
}): string | undefined {
  return lifetimeSeconds > backdatedSeconds ? undefined : ENDED_BEFORE_IT_IS_SENT;
}
