import type { CatalogType, Plan } from '../../common/contracts/index.ts';
import { formatUsdPerHour } from '../../common/units/index.ts';
import { drainBlockers } from './drain-blockers.ts';
import type { MoveUnderWay } from './engines/engine.ts';
import { isPrice, isWorthwhile } from './engines/spot/expected-cost.ts';
import { exposureOf } from './engines/spot/exposure.ts';
import { fits } from './engines/spot/spot-candidates.ts';
import type { FleetBill } from './fleet-bill.ts';
import type { ObservedCluster } from './neighbours.ts';
import { occupancyByNode } from './node-occupancy.ts';
import type { DecisionPolicy } from './policy.ts';

/**
 * How a plan stands against the present: it may go; it must wait (`wait`: a budget recovers, the agent is away); or the
 * cluster changed so that it no longer holds.
 */
export type PlanCheck =
  | { readonly verdict: 'holds' }
  | { readonly verdict: 'away' | 'wait' | 'stale'; readonly text: string };

/** Holds a plan against the cluster as it is now; `others` are the other moves under way, whose nodes are off the bill. The words name what differs. */
export function checkPlan(
  plan: Plan,
  observed: ObservedCluster | undefined,
  others: readonly MoveUnderWay[],
  types: readonly CatalogType[],
  policy: DecisionPolicy,
  bill: FleetBill,
): PlanCheck {
  if (observed?.cluster.state !== 'live') {
    return { verdict: 'away', text: `The agent of cluster ${plan.clusterName} is not connected.` };
  }
  const [replaced] = plan.remove;
  const [planned] = plan.add;
  if (!replaced || !planned) return stale(['It replaces no node.']);
  const { name, uid, instanceType, zone, capacityType, priceMicroUsdPerHour } = replaced;
  const node = observed.nodes.find(one => one.uid === uid);
  const differences: string[] = [];
  if (!node) return stale([`Node ${name} is no longer in the cluster.`]);
  if (others.some(move => move.removes.includes(uid)))
    differences.push(`Another plan for node ${name} is under way.`);
  if (node.instanceType !== instanceType) {
    differences.push(`Node ${name} is ${node.instanceType ?? 'of unknown type'} now, not ${instanceType}.`);
  }
  if (node.zone !== zone)
    differences.push(`Node ${name} is in zone ${node.zone ?? 'unknown'} now, not ${zone}.`);
  if (node.capacityType !== capacityType) {
    differences.push(`Node ${name} is ${node.capacityType} now, not ${capacityType}.`);
  }
  const saved = bill.savedWithout(node);
  if (!isPrice(node.priceMicroUsdPerHour) || saved === undefined)
    differences.push(`The price of node ${name} is unknown now.`);
  else {
    const cheaper = priceMicroUsdPerHour - saved;
    const cost = {
      ...plan.cost,
      nowMicroUsdPerHour: saved,
      savingMicroUsdPerHour: plan.cost.savingMicroUsdPerHour - cheaper,
    };
    if (!isWorthwhile(cost, capacityType === 'spot', policy)) {
      differences.push(
        `Node ${name} costs ${formatUsdPerHour(saved)} now, not ${formatUsdPerHour(priceMicroUsdPerHour)}; the move saves too little.`,
      );
    }
  }
  const occupancy = occupancyByNode(observed.inventory.pods)(node.name);
  const target = types.find(type => type.instanceType === planned.instanceType);
  if (!target || !fits(target, occupancy.needs)) {
    differences.push(`The pods of node ${name} request more now than a ${planned.instanceType} holds.`);
  }
  const exposure = exposureOf(observed.nodes, others, policy);
  if (capacityType === 'on-demand' && !exposure.mayGiveUpOnDemand()) {
    differences.push(
      `Without node ${name}, fewer than ${exposure.onDemandFloor} nodes would stay on-demand.`,
    );
  }
  const inventoryNode = observed.inventory.nodes.find(one => one.uid === uid);
  const blockers = drainBlockers(node, inventoryNode, occupancy, observed.inventory.budgets, policy);
  // A budget recovers by itself, e.g. when the pods of the plan before this one are up again.
  const lasting = blockers.filter(blocker => blocker.code !== 'budget-exhausted');
  differences.push(...lasting.map(blocker => blocker.text));
  if (differences.length > 0) return stale(differences);
  const passing = blockers[0];
  return passing ? { verdict: 'wait', text: passing.text } : { verdict: 'holds' };
}

function stale(differences: readonly string[]): PlanCheck {
  return { verdict: 'stale', text: differences.join(' ') };
}
