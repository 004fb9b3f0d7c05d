import type { Plan } from '../../../common/contracts/index.ts';
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

/** The policy for a plan that takes several nodes away: of what is asked for each of them, the strictest. */
export function strictestThresholds(policy: DecisionPolicy, places: readonly NodePlace[]): DecisionPolicy {
  const all = places.length === 0 ? [policy] : places.map(place => thresholdsFor(policy, place));
  const most = (of: (one: DecisionPolicy) => number) => Math.max(...all.map(of));
  return {
    ...policy,
    minimumSavingShare: most(one => one.minimumSavingShare),
    minimumSpotToSpotSavingShare: most(one => one.minimumSpotToSpotSavingShare),
    minimumSavingMicroUsdPerHour: most(one => one.minimumSavingMicroUsdPerHour),
    maximumPaybackMs: Math.min(...all.map(one => one.maximumPaybackMs)),
    overlapMs: most(one => one.overlapMs),
  };
}

/** The same for the nodes that a plan names. */
export function thresholdsOfPlan(policy: DecisionPolicy, remove: Plan['remove']): DecisionPolicy {
  return strictestThresholds(
    policy,
    remove.map(node => ({ ...node, nodePool: node.nodePool ?? null })),
  );
}
