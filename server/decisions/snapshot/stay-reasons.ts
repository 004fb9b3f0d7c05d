import type { BlockedSnapshotNode } from '../../../common/contracts/index.ts';
import { HOURS_PER_MONTH, usdFromMicroUsd } from '../../../common/units/index.ts';
import type { Improvement } from '../packing/improve-cluster.ts';
import type { SnapshotCluster } from './snapshot-cluster.ts';
import type { SnapshotProblem } from './snapshot-problem.ts';

/**
 * Why each kept node is kept. What freeing it would save is an estimate, made by planning again as if it could go.
 * @param whatIf places of the nodes that `improvement.savesMicroUsdPerHour` answers for, in the same order
 */
export function stayReasons(
  cluster: SnapshotCluster,
  { prices }: SnapshotProblem,
  improvement: Improvement,
  whatIf: readonly number[],
): BlockedSnapshotNode[] {
  const kept = new Set(improvement.rearrangement.keep);
  const saves = new Map(
    whatIf.map((place, index) => [place, improvement.savesMicroUsdPerHour[index] ?? null]),
  );
  return cluster.nodes.flatMap(({ name, blockers }, place): BlockedSnapshotNode[] => {
    if (!kept.has(name)) return [];
    const price = prices[place];
    const saved = saves.get(place) ?? null;
    const savesUsdMonth = saved === null ? null : usdFromMicroUsd(Math.round(saved * HOURS_PER_MONTH));
    const reasons = blockers.map(({ code, object, text, unblock }) => ({
      code,
      object,
      text,
      unblock,
      savesUsdMonth,
    }));
    if (price && 'unknown' in price) {
      const text = `What node ${name} costs is unknown: ${price.unknown}. What is unknown is not acted on.`;
      reasons.push({
        code: 'unknown-price',
        object: `Node/${name}`,
        text,
        unblock: null,
        savesUsdMonth: null,
      });
    }
    if (reasons.length === 0) {
      const text = `Its pods would cost more, or hardly less, anywhere else than on node ${name}.`;
      reasons.push({ code: 'not-cheaper', object: null, text, unblock: null, savesUsdMonth: null });
    }
    return [{ node: name, reasons }];
  });
}
