import { isSystemNamespace } from '../../common/kubernetes/index.ts';
import { budgetsOf } from './budgets-of-pod.ts';
import type { ObservedCluster } from './neighbours.ts';
import { occupancyByNode } from './node-occupancy.ts';
import { workloadOwners } from './workload-owner.ts';

type Inventory = ObservedCluster['inventory'];

/**
 * Puts nodes in the order in which they are to be drained: those whose most important pod matters least first, and those with pods of the
 * system's own namespaces last.
 * @param occupancyOf pods of each node, as `occupancyByNode` sorts them
 */
export function byCriticality<Node extends { readonly name: string }>(
  nodes: readonly Node[],
  occupancyOf: ReturnType<typeof occupancyByNode>,
): Node[] {
  const rank = new Map(
    nodes.map(({ name }) => {
      const { moving } = occupancyOf(name);
      return [
        name,
        {
          isSystem: moving.some(pod => isSystemNamespace(pod.namespace)) ? 1 : 0,
          priority: Math.max(...moving.map(({ priority }) => priority ?? 0), Number.NEGATIVE_INFINITY),
        },
      ] as const;
    }),
  );
  return nodes.toSorted((a, b) => {
    const [left, right] = [rank.get(a.name), rank.get(b.name)];
    if (!left || !right) return 0;
    return (
      left.isSystem - right.isSystem ||
      (left.priority === right.priority ? 0 : left.priority - right.priority) ||
      (a.name < b.name ? -1 : 1)
    );
  });
}

/** What a drain of the node disturbs: PodDisruptionBudgets, and workloads whether or not a budget guards them. */
export function disturbedBy(nodeName: string, inventory: Inventory): ReadonlySet<string> {
  const owners = workloadOwners(inventory.workloads);
  const { moving } = occupancyByNode(inventory.pods)(nodeName);
  return new Set(
    moving.flatMap(pod => [
      ...budgetsOf(pod, inventory.budgets).map(
        ({ namespace, name }) => `PodDisruptionBudget/${namespace}/${name}`,
      ),
      owners.keyOf(pod) ?? `Pod/${pod.namespace}/${pod.name}`,
    ]),
  );
}
