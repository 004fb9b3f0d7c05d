import type { NodeInstances } from './node-instances.ts';
import type { ObjectStore } from './object-store.ts';
import { formatTime } from './object-store.ts';

/** Notices about Spot instances, as Karpenter shows them in the cluster: an event on the node. */
export interface SpotInterruptions {
  /** AWS takes the node away `noticeMs` (on EC2: two minutes) from now. `false` when there is no such node. */
  interrupt(nodeName: string, nowMs: number, noticeMs?: number): boolean;
  /** AWS says the node is at higher risk; nothing else happens. `false` when there is no such node. */
  recommendRebalance(nodeName: string, nowMs: number): boolean;
  /** Ends the instances whose notice has run out. */
  tick(nowMs: number): void;
}

/** No notices yet. */
export function createSpotInterruptions(store: ObjectStore, instances: NodeInstances): SpotInterruptions {
  const endsAtMs = new Map<string, number>();
  const announce = (nodeName: string, nowMs: number, reason: string, message: string): boolean => {
    const node = store.get('nodes', undefined, nodeName);
    if (!node) return false;
    const at = formatTime(nowMs);
    store.create('events', {
      metadata: { generateName: `${nodeName}.`, namespace: 'default' },
      ...({
        involvedObject: { apiVersion: 'v1', kind: 'Node', name: nodeName, uid: node.metadata.uid },
        type: 'Warning',
        reason,
        message,
        source: { component: 'karpenter' },
        reportingComponent: 'karpenter',
        reportingInstance: '',
        firstTimestamp: at,
        lastTimestamp: at,
        count: 1,
      } as object),
    });
    return true;
  };
  return {
    interrupt: (nodeName, nowMs, noticeMs = 120_000) => {
      const known = announce(nodeName, nowMs, 'SpotInterrupted', 'Spot interruption warning was triggered');
      if (known) endsAtMs.set(nodeName, nowMs + noticeMs);
      return known;
    },
    recommendRebalance: (nodeName, nowMs) =>
      announce(nodeName, nowMs, 'SpotRebalanceRecommendation', 'Spot rebalance recommendation was triggered'),
    tick: nowMs => {
      for (const [nodeName, endMs] of endsAtMs) {
        if (nowMs < endMs) continue;
        endsAtMs.delete(nodeName);
        instances.terminate(nodeName);
      }
    },
  };
}
