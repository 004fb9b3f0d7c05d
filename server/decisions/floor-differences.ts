import type { InventoryPod } from '../../common/agent-protocol/index.ts';
import type { Plan, PlanNode } from '../../common/contracts/index.ts';
import type { MoveUnderWay } from './engines/engine.ts';
import { breachText, workloadFloors } from './engines/spot/workload-floors.ts';
import { livePodRules } from './live-pod-rules.ts';
import type { SchedulableCluster } from './neighbours.ts';
import { nodeRefusal } from './packing/node-rules.ts';
import type { DecisionPolicy } from './policy.ts';
import { taintsOf } from './snapshot/pod-rules.ts';
import { workloadOwners } from './workload-owner.ts';

/**
 * Workloads that would have fewer pods on-demand than the policy keeps there, once these nodes of a plan are drained and these pods
 * are evicted. Where the plan brings Spot nodes, their pods count as gone; else those that a Spot node of the cluster would take, since the
 * scheduler may put them there.
 */
export function floorDifferences(
  { add, remove }: Pick<Plan, 'add' | 'remove'>,
  drained: readonly PlanNode[],
  evicted: ReadonlySet<string>,
  observed: SchedulableCluster,
  others: readonly MoveUnderWay[],
  policy: Pick<DecisionPolicy, 'workloads'>,
): string[] {
  if (policy.workloads.length === 0) return [];
  const bringsSpot = add.some(({ capacityType }) => capacityType === 'spot');
  const { workloads } = observed.inventory;
  const mayLeave = bringsSpot ? () => true : takenBySpot(observed, new Set(remove.map(({ uid }) => uid)));
  const floors = workloadFloors(observed, others, workloadOwners(workloads), policy, mayLeave);
  const ofNodes = drained.flatMap(node => {
    const breach = floors.breachWithout(node);
    floors.take(node);
    return breach ? [`${node.name}: ${breachText(breach)}`] : [];
  });
  const ofPods = floors.breachWithoutPods(evicted);
  return ofPods ? [...ofNodes, breachText(ofPods)] : ofNodes;
}

/** Whether a Spot node, or one of unknown kind, that stays would take a pod, as far as selector, affinity and taints say. */
function takenBySpot(
  observed: SchedulableCluster,
  leaving: ReadonlySet<string>,
): (pod: InventoryPod) => boolean {
  const isOpen = new Set(
    observed.nodes.flatMap(({ uid, name, capacityType }) =>
      capacityType === 'on-demand' || leaving.has(uid) ? [] : [name],
    ),
  );
  const spot = observed.inventory.nodes
    .filter(({ name }) => isOpen.has(name))
    .map(({ name, labels, taints }) => ({ name, labels, taints: taintsOf(taints) }));
  const rulesOf = livePodRules(observed);
  return pod => spot.some(node => nodeRefusal(rulesOf(pod).rules, node) === undefined);
}
