import type { InventoryPod } from '../../common/agent-protocol/index.ts';
import type { SchedulableCluster } from './neighbours.ts';
import { anywhere, type PodRules } from './packing/problem.ts';
import { namespaceFinder, nodeRules, podRules } from './snapshot/pod-rules.ts';
import { volumeReach } from './snapshot/volume-zones.ts';

/** What decides where a pod of a live cluster may go. */
export interface LivePodRules {
  readonly rules: PodRules;
  /** Requests besides CPU and memory, by resource name. */
  readonly extended: Readonly<Record<string, number>>;
}

/**
 * Finds the rules of pods as the agent tells them. Of a pod whose shape is not known, an agent older than protocol 3 told it, only
 * selector and tolerations count.
 */
export function livePodRules({
  inventory,
  scheduling,
}: SchedulableCluster): (pod: InventoryPod) => LivePodRules {
  const { shapes, claims, volumes, storageClasses, namespaces } = scheduling;
  const shapeNamed = new Map(shapes.map(shape => [shape.name, shape]));
  const reachOf = volumeReach({ claims, volumes, storageClasses });
  const used = [...new Set(inventory.pods.map(({ namespace }) => namespace))].toSorted();
  const namespacesOf = namespaceFinder(namespaces, used);
  return pod => {
    const shape = shapeNamed.get(pod.shape ?? '');
    if (shape) {
      const rules = podRules(pod, shape, reachOf(pod), namespacesOf);
      return { rules, extended: shape.extended ?? {} };
    }
    const { namespace, labels, priority, nodeSelector, tolerations } = pod;
    const ofNode = nodeRules({ kind: 'PodShape', name: '', nodeSelector, tolerations });
    return { rules: { ...anywhere, namespace, labels, priority: priority ?? 0, ...ofNode }, extended: {} };
  };
}
