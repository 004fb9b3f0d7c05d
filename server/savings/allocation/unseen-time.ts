import type { KeptShares } from './allocation-store.ts';

/**
 * How much of a time clusters went unseen since they were first seen: nothing is known of what they cost then. What is missing of the
 * first record lies before it.
 * @param firsts the first record of each cluster
 * @param seen observed time by cluster, ms
 */
export function unseenMs(
  firsts: readonly KeptShares[],
  seen: ReadonlyMap<string, number>,
  range: { readonly fromMs: number; readonly toMs: number; readonly clusterId?: string | undefined },
  nowMs: number,
): number {
  let sum = 0;
  for (const { clusterId, atMs, lengthMs, shares } of firsts) {
    if (range.clusterId !== undefined && range.clusterId !== clusterId) continue;
    const firstSeenAt = Math.min(nowMs, atMs + lengthMs) - shares.observedMs;
    const length = Math.min(range.toMs, nowMs) - Math.max(range.fromMs, firstSeenAt);
    if (length > 0) sum += Math.max(0, length - (seen.get(clusterId) ?? 0));
  }
  return sum;
}
