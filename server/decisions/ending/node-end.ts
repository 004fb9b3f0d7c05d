import type { Plan, PlanNode, PlanStep } from '../../../common/contracts/index.ts';
import { formatUsdPerHour } from '../../../common/units/index.ts';
import type { SeenGroup } from '../capacity/instance-ends.ts';

/** How the instance of a node ends once the node has been drained. */
export type NodeEnd =
  /** Its owner ends it when the Node object is deleted. */
  | { readonly by: 'owner' }
  /** A step of the plan ends it. */
  | { readonly by: 'engine'; readonly instanceId: string; readonly group: SeenGroup | null }
  /** It goes on running; `reason` says in a sentence why no step ends it. */
  | { readonly by: 'nobody'; readonly reason: string; readonly instanceId?: string | undefined };

/** What a step that ends an instance is about. */
export type EndOrder = Required<Pick<PlanStep, 'instanceId'>> & Pick<PlanStep, 'group'>;

/** The orders of the ends that a plan does itself, by node; groups shrink by one with each, in the order of `nodes`. */
export function endOrders(
  nodes: readonly Pick<PlanNode, 'uid'>[],
  ends: ReadonlyMap<string, NodeEnd>,
): Map<string, EndOrder> {
  const left = new Map<string, number>();
  const orders = new Map<string, EndOrder>();
  for (const { uid } of nodes) {
    const end = ends.get(uid);
    if (end?.by !== 'engine') continue;
    const { instanceId, group } = end;
    if (!group) {
      orders.set(uid, { instanceId });
      continue;
    }
    const from = left.get(group.name) ?? group.desired;
    left.set(group.name, from - 1);
    orders.set(uid, { instanceId, group: { name: group.name, from, to: from - 1 } });
  }
  return orders;
}

/** What somebody who approves has to know of the ends: instances that go on costing, groups that may move others. */
export function endReasons(
  remove: readonly Pick<PlanNode, 'uid' | 'name' | 'priceMicroUsdPerHour'>[],
  ends: ReadonlyMap<string, NodeEnd>,
): Plan['reasons'] {
  const stays = remove.flatMap(({ uid, name, priceMicroUsdPerHour }) => {
    const end = ends.get(uid);
    if (end?.by !== 'nobody') return [];
    return [
      {
        code: 'instance-stays',
        text: `The instance of node ${name} goes on costing ${formatUsdPerHour(priceMicroUsdPerHour)} until somebody ends it, and is not counted as saved until then. ${end.reason}`,
      },
    ];
  });
  const balancing = new Set(
    remove.flatMap(({ uid }) => {
      const end = ends.get(uid);
      return end?.by === 'engine' && end.group?.isBalancing ? [end.group.name] : [];
    }),
  );
  return [
    ...stays,
    ...[...balancing].map(name => ({
      code: 'group-balances-zones',
      text: `Auto Scaling group ${name} balances its zones: when it shrinks unevenly it may bring an instance in one zone and end one in another, which the plan does not foresee; aws autoscaling suspend-processes --auto-scaling-group-name ${name} --scaling-processes AZRebalance forbids it.`,
    })),
  ];
}
