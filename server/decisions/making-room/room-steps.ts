import type { Plan, PlanPod, PlanStep, RoomyNode } from '../../../common/contracts/index.ts';

/** Node objects of a wave that makes room. */
type NodeRef = Pick<RoomyNode, 'name' | 'uid'>;

/** What a wave moves off nodes that stay. */
export interface RoomOrder {
  readonly from: readonly { readonly node: NodeRef; readonly pods: readonly PlanPod[] }[];
  /** Nodes that go in later waves: empty ones draw pods, which would have to move once more. */
  readonly shut: readonly NodeRef[];
}

/** What a step says before it has a place among the others. */
type RoomStep = Pick<PlanStep, 'kind' | 'node' | 'pod'>;

/** Nodes that go later and are kept shut at most; each is two tasks of the agent. */
const MOST_SHUT = 50;

/**
 * Moves pods off nodes that stay, one by one, so that their budgets are kept. Until these pods run elsewhere the nodes are cordoned,
 * because the scheduler would put them right back, and so are those that go next. All take pods again before a node of the same
 * wave is drained.
 */
export function roomSteps({ from, shut }: RoomOrder): { cordons: RoomStep[]; moves: RoomStep[] } {
  if (from.length === 0) return { cordons: [], moves: [] };
  const nodes = [...from.map(({ node }) => node), ...shut].map(({ name, uid }) => ({ name, uid }));
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
 * @param later nodes that go in later waves, the next first
 */
export function roomOrder(
  { makeRoom = [], pods }: Pick<Plan, 'makeRoom' | 'pods'>,
  names: readonly string[],
  later: readonly NodeRef[],
): RoomOrder {
  const wanted = new Set(names);
  const nodes = makeRoom.filter(({ name }) => wanted.has(name));
  if (nodes.length === 0) return { from: [], shut: [] };
  const leaving = Map.groupBy(pods, ({ from }) => from);
  return {
    from: nodes.map(node => ({ node, pods: leaving.get(node.name) ?? [] })),
    shut: later.slice(0, MOST_SHUT),
  };
}

/** Pods of a plan that leave nodes that stay, how many there are. */
export function podsThatMakeRoom({ makeRoom = [], pods }: Pick<Plan, 'makeRoom' | 'pods'>): number {
  if (makeRoom.length === 0) return 0;
  const names = new Set(makeRoom.map(({ name }) => name));
  return pods.filter(({ from }) => from !== null && names.has(from)).length;
}
