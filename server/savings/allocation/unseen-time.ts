/**
 * How much of a time clusters went unseen since the first record of each: nothing is known of what they cost then.
 * @param firsts begin of the first record by cluster, ms UTC
 * @param seen observed time by cluster, ms
 */
export function unseenMs(
  firsts: ReadonlyMap<string, number>,
  seen: ReadonlyMap<string, number>,
  range: { readonly fromMs: number; readonly toMs: number; readonly clusterId?: string | undefined },
  nowMs: number,
): number {
  let sum = 0;
  for (const [clusterId, first] of firsts) {
    if (range.clusterId !== undefined && range.clusterId !== clusterId) continue;
    const length = Math.min(range.toMs, nowMs) - Math.max(range.fromMs, first);
    if (length > 0) sum += Math.max(0, length - (seen.get(clusterId) ?? 0));
  }
  return sum;
}
