import { HOURS_PER_MONTH } from '../../../common/units/index.ts';
import type { DecisionPolicy } from '../policy.ts';
import { matchesNode, type NodePlace } from './match-nodes.ts';

/**
 * The policy for moves off one node: what the first pool rule that fits it says, and the rest as for all. Start-up and drain of the
 * rule lengthen the time in which both nodes are paid, so the payback includes them.
 */
export function thresholdsFor(policy: DecisionPolicy, place: NodePlace): DecisionPolicy {
  const rule = policy.pools.find(({ match }) => matchesNode(match, place));
  if (!rule) return policy;
  const perMonth = rule.minimumSavingMicroUsdPerMonth;
  return {
    ...policy,
    minimumSavingShare: rule.minimumSavingShare ?? policy.minimumSavingShare,
    minimumSpotToSpotSavingShare: rule.minimumSpotToSpotSavingShare ?? policy.minimumSpotToSpotSavingShare,
    minimumSavingMicroUsdPerHour:
      perMonth === undefined ? policy.minimumSavingMicroUsdPerHour : Math.ceil(perMonth / HOURS_PER_MONTH),
    maximumPaybackMs: rule.maximumPaybackMs ?? policy.maximumPaybackMs,
    overlapMs: policy.overlapMs + (rule.startUpMs ?? 0) + (rule.expectedDrainMs ?? 0),
  };
}
