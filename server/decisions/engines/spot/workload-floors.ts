import type { InventoryPod } from '../../../../common/agent-protocol/index.ts';
import type { NodeView } from '../../../../common/contracts/index.ts';
import { isFinished, isResident } from '../../node-occupancy.ts';
import { floorOfWorkload, type WorkloadFloor } from '../../policy/workload-floor.ts';
import type { DecisionPolicy } from '../../policy.ts';
import type { WorkloadOwners } from '../../workload-owner.ts';
import type { DecisionState, MoveUnderWay } from '../engine.ts';

/** A workload that would have fewer pods on-demand than the policy keeps there. */
export interface FloorBreach {
  /** `Deployment/shop/web`. */
  readonly workload: string;
  /** Pods that stay on-demand at least. */
  readonly floor: number;
  /** Pods that would. */
  readonly left: number;
  /** Name of the policy's rule. */
  readonly rule: string;
}

/** How many pods of each workload with a floor stand on on-demand nodes, with the moves taken so far. */
export interface WorkloadFloors {
  /** The first workload, by name, whose floor forbids that a node's pods leave on-demand nodes. */
  breachWithout(node: Pick<NodeView, 'name' | 'capacityType'>): FloorBreach | undefined;
  /** Counts a node's pods as gone from on-demand nodes. */
  take(node: Pick<NodeView, 'name' | 'capacityType'>): void;
  /** The same for single pods that leave. */
  breachWithoutPods(uids: ReadonlySet<string>): FloorBreach | undefined;
}

interface Floor extends WorkloadFloor {
  onDemand: number;
}

type Counts = ReadonlyMap<string, number>;

const NO_FLOORS: WorkloadFloors = {
  breachWithout: () => undefined,
  take: () => undefined,
  breachWithoutPods: () => undefined,
};

/**
 * Floors of the policy per workload: the first rule that fits a workload counts. Pods of DaemonSets run on every node and have none. A
 * pod on a node of unknown capacity, one that is waiting, and those of nodes that are being replaced do not count as on-demand: all err
 * on the safe side.
 * @param mayLeave whether a pod that is moved may end on another kind of node; those that may not count as on-demand wherever they go
 */
export function workloadFloors(
  { nodes, inventory }: Pick<DecisionState, 'nodes' | 'inventory'>,
  underWay: readonly MoveUnderWay[],
  owners: WorkloadOwners,
  { workloads }: Pick<DecisionPolicy, 'workloads'>,
  mayLeave: (pod: InventoryPod) => boolean = () => true,
): WorkloadFloors {
  if (workloads.length === 0) return NO_FLOORS;
  const leaving = new Set(underWay.flatMap(({ removes }) => removes));
  const onDemand = new Set(
    nodes.filter(node => node.capacityType === 'on-demand' && !leaving.has(node.uid)).map(node => node.name),
  );
  const podsOf = new Map<string, { total: number; onDemand: number }>();
  const onNode = new Map<string, { uid: string; workload: string }[]>();
  for (const pod of inventory.pods) {
    const workload = isFinished(pod) || pod.terminating || isResident(pod) ? null : owners.keyOf(pod);
    if (workload === null) continue;
    const count = podsOf.get(workload) ?? { total: 0, onDemand: 0 };
    podsOf.set(workload, count);
    count.total++;
    if (pod.nodeName === null || !onDemand.has(pod.nodeName)) continue;
    count.onDemand++;
    if (!mayLeave(pod)) continue;
    const here = onNode.get(pod.nodeName) ?? [];
    onNode.set(pod.nodeName, here);
    here.push({ uid: pod.uid, workload });
  }
  const floors = new Map<string, Floor>();
  for (const [workload, { total, onDemand: now }] of podsOf) {
    const found = floorOfWorkload(workloads, workload, total);
    if (found) floors.set(workload, { ...found, onDemand: now });
  }
  const countsOf = (pods: readonly { readonly workload: string }[] = []): Counts =>
    new Map([...Map.groupBy(pods, ({ workload }) => workload)].map(([key, own]) => [key, own.length]));
  const breachOf = (counts: Counts): FloorBreach | undefined => {
    for (const [workload, pods] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const known = floors.get(workload);
      if (!known) continue;
      const left = known.onDemand - pods;
      if (left < known.floor) return { workload, floor: known.floor, left, rule: known.rule };
    }
    return undefined;
  };
  return {
    breachWithout: node => breachOf(countsOf(onNode.get(node.name))),
    take: node => {
      for (const [workload, pods] of countsOf(onNode.get(node.name))) {
        const known = floors.get(workload);
        if (known) known.onDemand -= pods;
      }
      onNode.delete(node.name);
    },
    breachWithoutPods: uids =>
      breachOf(countsOf([...onNode.values()].flat().filter(({ uid }) => uids.has(uid)))),
  };
}

/** What stands against it, in a sentence. */
export function breachText({ workload, floor, left, rule }: FloorBreach): string {
  return `The policy ("${rule}") keeps ${floor} ${floor === 1 ? 'pod' : 'pods'} of ${workload} on on-demand nodes; without this one ${left} would be left.`;
}
