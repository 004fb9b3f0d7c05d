import type { DrainBlocker } from '../drain-blockers.ts';
import { nodeRefusal } from '../packing/node-rules.ts';
import { floorOfWorkload } from '../policy/workload-floor.ts';
import type { DecisionPolicy } from '../policy.ts';
import { taintsOf } from './pod-rules.ts';
import type { SnapshotNode, SnapshotPod } from './snapshot-cluster.ts';

/** Pods of a workload that stay on their on-demand node. */
export interface FloorHold {
  readonly workload: string;
  readonly blocker: DrainBlocker;
}

type HoldableNode = Pick<SnapshotNode, 'name' | 'facts' | 'inventory' | 'pods' | 'blockers'>;

/**
 * Nodes whose pods stay so that workloads keep what the policy wants of them on on-demand nodes, by name. Where an evicted pod runs next is
 * for the scheduler to say: one that a Spot node would take may end there, whatever a plan foresees. So as many as the floor asks for stay
 * where they are, on as few nodes as that takes. Pods that no Spot node takes are on-demand wherever they go.
 */
export function floorHolds(
  nodes: readonly HoldableNode[],
  pending: readonly SnapshotPod[],
  rules: DecisionPolicy['workloads'],
): ReadonlyMap<string, readonly FloorHold[]> {
  const holds = new Map<string, FloorHold[]>();
  if (rules.length === 0) return holds;
  const spot = nodes
    .filter(({ facts }) => facts.capacityType !== 'on-demand')
    .map(({ name, inventory }) => ({ name, labels: inventory.labels, taints: taintsOf(inventory.taints) }));
  const known = new Map<SnapshotPod['rules'], boolean>();
  const mayTurnSpot = ({ rules: own }: SnapshotPod): boolean => {
    const may = known.get(own) ?? spot.some(node => nodeRefusal(own, node) === undefined);
    known.set(own, may);
    return may;
  };
  const placed = nodes.flatMap(node => node.pods.map(pod => ({ pod, node })));
  const all = [...placed, ...pending.map(pod => ({ pod, node: undefined }))];
  const byWorkload = Map.groupBy(
    all.filter(({ pod }) => !pod.isResident),
    ({ pod }) => pod.owner,
  );
  for (const [workload, own] of [...byWorkload].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const found = floorOfWorkload(rules, workload, own.length);
    if (!found) continue;
    const onDemand = own.flatMap(({ pod, node }) =>
      node?.facts.capacityType === 'on-demand' ? [{ pod, node }] : [],
    );
    const loose = onDemand.filter(({ pod }) => mayTurnSpot(pod));
    let wanted = found.floor - (onDemand.length - loose.length);
    const byNode = [...Map.groupBy(loose, ({ node }) => node)].toSorted(
      ([a, ofA], [b, ofB]) =>
        Number(isKept(b)) - Number(isKept(a)) || ofB.length - ofA.length || (a.name < b.name ? -1 : 1),
    );
    for (const [node, pods] of byNode) {
      if (wanted <= 0) break;
      wanted -= pods.length;
      const mine = holds.get(node.name) ?? [];
      holds.set(node.name, mine);
      mine.push({ workload, blocker: blockerOf(workload, found, pods.length) });
    }
  }
  return holds;

  function isKept({ name, blockers }: HoldableNode): boolean {
    return blockers.length > 0 || holds.has(name);
  }
}

function blockerOf(
  workload: string,
  { rule, floor }: { readonly rule: string; readonly floor: number },
  here: number,
): DrainBlocker {
  const pods = (count: number) => `${count} ${count === 1 ? 'pod' : 'pods'}`;
  return {
    code: 'workload-floor',
    object: workload,
    text: `The policy ("${rule}") keeps ${pods(floor)} of ${workload} on on-demand nodes; ${pods(here)} on this one, evicted, might be put on a Spot node by the scheduler.`,
    unblock: `Lower what the rule "${rule}" of the policy keeps on-demand, let the pods of ${workload} select on-demand nodes, or taint the Spot nodes.`,
  };
}
