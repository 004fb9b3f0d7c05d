import type { CatalogType, NodeView, Plan, PlanNode } from '../../common/contracts/index.ts';
import { formatUsdPerHour } from '../../common/units/index.ts';
import { provisionerSeen } from './capacity/provisioner.ts';
import { nodeDifferences, passingBlockers, withoutRoom } from './check-nodes.ts';
import type { MoveUnderWay } from './engines/engine.ts';
import { isPrice, isWorthwhile } from './engines/spot/expected-cost.ts';
import { exposureOf } from './engines/spot/exposure.ts';
import type { FleetBill } from './fleet-bill.ts';
import { floorDifferences } from './floor-differences.ts';
import { checkRoom } from './making-room/check-room.ts';
import type { SchedulableCluster } from './neighbours.ts';
import { thresholdsOfPlan } from './policy/pool-thresholds.ts';
import type { DecisionPolicy } from './policy.ts';
import { checkResize } from './resizing/check-resize.ts';

/**
 * How a plan, or a wave of it, stands against the present: it may go; it must wait (`wait`: a budget recovers, the agent is away); or
 * the cluster changed so that it no longer holds.
 */
export type PlanCheck =
  | { readonly verdict: 'holds' }
  | { readonly verdict: 'away' | 'wait' | 'stale'; readonly text: string };

/**
 * Holds a whole plan that has not begun against the cluster as it is now; `others` are the other moves under way, whose nodes are off
 * the bill. The words name what differs.
 */
export function checkPlan(
  plan: Plan,
  observed: SchedulableCluster | undefined,
  others: readonly MoveUnderWay[],
  types: readonly CatalogType[],
  policy: DecisionPolicy,
  bill: FleetBill,
): PlanCheck {
  const { resize } = plan;
  if (resize) return checkResize({ ...plan, resize }, observed, others);
  if (observed?.cluster.state !== 'live') {
    return { verdict: 'away', text: `The agent of cluster ${plan.clusterName} is not connected.` };
  }
  const nodes = new Map(observed.nodes.map(node => [node.uid, node]));
  const gone = plan.remove.filter(({ uid }) => !nodes.has(uid));
  if (gone.length > 0) return stale(gone.map(({ name }) => `Node ${name} is no longer in the cluster.`));
  const differences = plan.remove.flatMap(planned => {
    const isTaken = others.some(move => move.removes.includes(planned.uid));
    return [
      ...(isTaken ? [`Another plan for node ${planned.name} is under way.`] : []),
      ...nodeDifferences(planned, observed, policy),
    ];
  });
  differences.push(...priceDifferences(plan, nodes, policy, bill));
  const lost = onDemandOf(plan.remove) - onDemandOf(plan.add);
  const exposure = exposureOf(observed.nodes, others, policy);
  if (lost > 0 && !exposure.mayGiveUpOnDemand(lost)) {
    const names = plan.remove.map(({ name }) => name).join(', ');
    differences.push(
      `Without node ${names}, fewer than ${exposure.onDemandFloor} nodes would stay on-demand.`,
    );
  }
  const leaving = plan.remove.map(({ name }) => name);
  const isOrdered = plan.steps.some(({ kind }) => kind === 'add-node');
  const isBrought = isOrdered || provisionerSeen(observed) !== undefined;
  if (!isBrought && plan.add.length > 0)
    differences.push(
      'Nobody is seen that would bring new nodes, neither Karpenter nor an autoscaler, and none are ordered.',
    );
  const room = checkRoom(plan.steps, observed, policy);
  differences.push(...floorDifferences(plan, plan.remove, room.leaving, observed, others, policy));
  if (isBrought || plan.add.length === 0)
    differences.push(
      ...room.differences,
      ...withoutRoom(
        { leaving, closed: leaving, evicted: room, coming: plan.add },
        observed,
        types,
        plan.pods,
      ),
    );
  if (differences.length > 0) return stale([...new Set(differences)]);
  const [passing] = [
    ...plan.remove.flatMap(node => passingBlockers(node, observed, policy)),
    ...room.passing,
  ];
  return passing === undefined ? { verdict: 'holds' } : { verdict: 'wait', text: passing };
}

/** What the nodes save now, in their order, as each leaves the bill after the one before. */
function priceDifferences(
  plan: Plan,
  nodes: ReadonlyMap<string, NodeView>,
  policy: DecisionPolicy,
  bill: FleetBill,
): string[] {
  const unknown: string[] = [];
  const changed: string[] = [];
  let savedMicroUsdPerHour = 0;
  for (const { uid, name, priceMicroUsdPerHour } of plan.remove) {
    const node = nodes.get(uid);
    const saved = node && bill.savedWithout(node);
    bill.remove(uid);
    if (saved === undefined || !isPrice(node?.priceMicroUsdPerHour)) {
      unknown.push(`The price of node ${name} is unknown now.`);
      continue;
    }
    savedMicroUsdPerHour += saved;
    if (saved < priceMicroUsdPerHour)
      changed.push(
        `Node ${name} costs ${formatUsdPerHour(saved)} now, not ${formatUsdPerHour(priceMicroUsdPerHour)}`,
      );
  }
  if (unknown.length > 0) return unknown;
  const cheaper = totalPrice(plan.remove) - savedMicroUsdPerHour;
  const cost = {
    ...plan.cost,
    nowMicroUsdPerHour: savedMicroUsdPerHour,
    savingMicroUsdPerHour: plan.cost.savingMicroUsdPerHour - cheaper,
  };
  const isFromSpot = plan.remove.every(({ capacityType }) => capacityType === 'spot');
  if (isWorthwhile(cost, isFromSpot, thresholdsOfPlan(policy, plan.remove))) return [];
  const move = plan.remove.length === 1 ? 'the move saves' : 'the plan saves';
  return [changed.length > 0 ? `${changed.join('; ')}; ${move} too little.` : `Now ${move} too little.`];
}

function onDemandOf(machines: readonly Pick<PlanNode, 'capacityType'>[]): number {
  return machines.filter(({ capacityType }) => capacityType === 'on-demand').length;
}

function totalPrice(nodes: readonly PlanNode[]): number {
  return nodes.reduce((sum, { priceMicroUsdPerHour }) => sum + priceMicroUsdPerHour, 0);
}

function stale(differences: readonly string[]): PlanCheck {
  return { verdict: 'stale', text: differences.join(' ') };
}
