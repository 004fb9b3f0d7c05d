import type { BlockedSnapshotNode } from '../../../common/contracts/index.ts';
import { HOURS_PER_MONTH, usdFromMicroUsd } from '../../../common/units/index.ts';
import type { Improvement } from '../packing/improve-cluster.ts';
import type { SnapshotCluster } from './snapshot-cluster.ts';

/**
 * Why each kept node is kept. What freeing it would save is an estimate, made by planning again as if it could go.
 * @param whatIf places of the nodes that `improvement.savesMicroUsdPerHour` answers for, in the same order
 */
export function stayReasons(
  cluster: SnapshotCluster,
  improvement: Improvement,
  whatIf: readonly number[],
): BlockedSnapshotNode[] {
  const kept = new Set(improvement.rearrangement.keep);
  const saves = new Map(
    whatIf.map((place, index) => [place, improvement.savesMicroUsdPerHour[index] ?? null]),
  );
  return cluster.nodes.flatMap(({ name, blockers, price }, place): BlockedSnapshotNode[] => {
    if (!kept.has(name)) return [];
    const saved = saves.get(place) ?? null;
    const savesUsdMonth = saved === null ? null : usdFromMicroUsd(Math.round(saved * HOURS_PER_MONTH));
    const reasons = blockers.map(({ code, object, text, unblock }) => ({
      code,
      object,
      text,
      unblock,
      savesUsdMonth,
    }));
    if ('unknown' in price) {
      const text = `What node ${name} costs is unknown: ${price.unknown}. What is unknown is not acted on.`;
      reasons.push({
        code: 'unknown-price',
        object: `Node/${name}`,
        text,
        unblock: null,
        savesUsdMonth: null,
      });
    }
    if (reasons.length === 0)
      reasons.push(improvement.rearrangement.isOutOfTime ? outOfTime(name) : notCheaper(name));
    return [{ node: name, reasons }];
  });
}

/** Of a node that stays because there was no time to find a place for its pods. */
export function outOfTime(node: string): BlockedSnapshotNode['reasons'][number] {
  return {
    code: 'out-of-time',
    object: null,
    text: `Time ran out before another place was found for the pods of node ${node}.`,
    unblock: 'Allow more time.',
    savesUsdMonth: null,
  };
}

function notCheaper(node: string): BlockedSnapshotNode['reasons'][number] {
  const text = `Its pods would cost more, or hardly less, anywhere else than on node ${node}.`;
  return { code: 'not-cheaper', object: null, text, unblock: null, savesUsdMonth: null };
}
