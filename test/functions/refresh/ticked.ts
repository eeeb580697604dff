import { refreshDue, type TickResult } from '../../../functions/refresh/refresh-due.ts';
import type { RefreshResult } from '../../../functions/refresh/refresh-result.ts';
import type { RefreshPorts } from '../../../functions/refresh/refresh-run.ts';

/** One tick, and what each of its refreshes came to. */
export async function ticked(
  { functionEndsAt }: { readonly functionEndsAt: number },
  ports: RefreshPorts,
): Promise<TickResult & { readonly results: readonly RefreshResult[] }> {
  const results: RefreshResult[] = [];
  const onResult = (result: RefreshResult) => void results.push(result);
  return { ...(await refreshDue({ functionEndsAt, onResult }, ports)), results };
}
