import type { Plan, PlanPod, PlanStep, RoomyNode } from '../../../common/contracts/index.ts';

/** Node objects of a wave that makes room. */
type NodeRef = Pick<RoomyNode, 'name' | 'uid'>;

/** What a wave moves off nodes that stay. */
export type RoomOrder = readonly { readonly node: NodeRef; readonly pods: readonly PlanPod[] }[];

/** What a step says before it has a place among the others. */
type RoomStep = Pick<PlanStep, 'kind' | 'node' | 'pod'>;

/**
 * Moves pods off nodes that stay, one by one, so that their budgets are kept. Until these pods run elsewhere the nodes are cordoned,
 * because the scheduler would put them right back. All take pods again before a node of the same wave is drained.
 */
export function roomSteps(from: RoomOrder): { cordons: RoomStep[]; moves: RoomStep[] } {
  if (from.length === 0) return { cordons: [], moves: [] };
  const nodes = from.map(({ node: { name, uid } }) => ({ name, uid }));
  return {
    cordons: nodes.map(node => ({ kind: 'cordon', node })),
    moves: [
      ...from.flatMap(({ node: { name: nodeName, uid: nodeUid }, pods }) =>
        pods.map(
          ({ namespace, name, uid }): RoomStep => ({
            kind: 'evict',
            node: { name: nodeName, uid: nodeUid },
            pod: { namespace, name, uid },
          }),
        ),
      ),
      { kind: 'settle', node: null },
      ...nodes.map((node): RoomStep => ({ kind: 'release', node })),
    ],
  };
}

/**
 * What a wave has to move off nodes that stay.
 * @param names of nodes of the wave
 */
export function roomOrder(
  { makeRoom = [], pods }: Pick<Plan, 'makeRoom' | 'pods'>,
  names: readonly string[],
): RoomOrder {
  const wanted = new Set(names);
  const nodes = makeRoom.filter(({ name }) => wanted.has(name));
  if (nodes.length === 0) return [];
  const leaving = Map.groupBy(pods, ({ from }) => from);
  return nodes.map(node => ({ node, pods: leaving.get(node.name) ?? [] }));
}

/** Pods of a plan that leave nodes that stay, how many there are. */
export function podsThatMakeRoom({ makeRoom = [], pods }: Pick<Plan, 'makeRoom' | 'pods'>): number {
  if (makeRoom.length === 0) return 0;
  const names = new Set(makeRoom.map(({ name }) => name));
  return pods.filter(({ from }) => from !== null && names.has(from)).length;
}
