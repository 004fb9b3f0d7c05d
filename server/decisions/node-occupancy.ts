import type { InventoryPod } from '../../common/agent-protocol/index.ts';
import type { Resources } from '../../common/contracts/index.ts';

/** The pods of a node by what becomes of them when it is drained. */
export interface NodeOccupancy {
  /** Pods that must find another node. */
  readonly moving: readonly InventoryPod[];
  /** DaemonSet and static pods: every node has its own. */
  readonly resident: readonly InventoryPod[];
  /** What a replacement must offer: the requests of both. */
  readonly needs: Resources;
}

/** Sorts the pods of all nodes at once, by node name. Finished and terminating pods hold nothing and are left out. */
export function occupancyByNode(pods: readonly InventoryPod[]): (nodeName: string) => NodeOccupancy {
  const byNode = Map.groupBy(
    pods.filter(pod => pod.nodeName !== null && !isFinished(pod) && !pod.terminating),
    pod => pod.nodeName,
  );
  const known = new Map<string, NodeOccupancy>();
  return nodeName => {
    const occupancy = known.get(nodeName) ?? occupancyOf(byNode.get(nodeName) ?? []);
    known.set(nodeName, occupancy);
    return occupancy;
  };
}

function occupancyOf(pods: readonly InventoryPod[]): NodeOccupancy {
  const all = pods
    .map(pod => ({ key: `${pod.namespace}/${pod.name}`, pod }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ pod }) => pod);
  return {
    moving: all.filter(pod => !isResident(pod)),
    resident: all.filter(isResident),
    needs: {
      cpuMilli: all.reduce((sum, pod) => sum + pod.requests.cpuMilli, 0),
      memoryBytes: all.reduce((sum, pod) => sum + pod.requests.memoryBytes, 0),
      pods: all.length,
    },
  };
}

/** A pod that has ended holds nothing of its node any more. */
export function isFinished(pod: InventoryPod): boolean {
  return pod.phase === 'Succeeded' || pod.phase === 'Failed';
}

/** It stays with its node: of a DaemonSet, or static. */
export function isResident(pod: InventoryPod): boolean {
  return pod.isMirror || pod.ownerKind === 'DaemonSet' || pod.ownerKind === 'Node';
}
