import type { Plan, PlanKind } from '../../../common/contracts/index.ts';
import type { NodePlace } from './match-nodes.ts';

/** A node that a plan takes away, or takes pods from. */
export interface LostNode extends NodePlace {
  readonly name: string;
  readonly uid: string;
}

/** A pod that a plan moves. */
export interface MovedPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** `Deployment/shop/web`; `null` of a bare pod. */
  readonly owner: string | null;
  /** Name of the node that it leaves. */
  readonly from: string | null;
  /** Name of the node that it is meant for, or the key of one that comes. */
  readonly to: string | null;
}

/** What a plan does to a cluster, as far as policies care: the one place that knows how plans are built. */
export interface Disruption {
  readonly planId: string;
  readonly kind: PlanKind;
  readonly nodes: readonly LostNode[];
  /** Nodes that stay and that pods leave. */
  readonly roomy: readonly LostNode[];
  /** Where its pods are meant to go; empty where it only takes nodes away. */
  readonly targets: readonly Pick<NodePlace, 'instanceType' | 'zone' | 'capacityType'>[];
  readonly pods: readonly MovedPod[];
  /** ms; `null` before its first step. */
  readonly startedAt: number | null;
  /** When pods began to leave each node, in ms by its name; nodes that none left are absent. */
  readonly leftAt: ReadonlyMap<string, number>;
  readonly isUnderWay: boolean;
  /** `false` of a resize that rests on too little for a policy to start it. */
  readonly hasFullEvidence: boolean;
}

/** The parts of a plan that say what it disrupts; a proposal has them, too. */
type Disrupting = Pick<Plan, 'kind' | 'remove' | 'add' | 'makeRoom' | 'pods' | 'resize'> &
  Partial<Pick<Plan, 'id' | 'state' | 'steps'>>;

/** What a plan or a proposal disrupts. */
export function disruptionOf(plan: Disrupting): Disruption {
  const steps = plan.steps ?? [];
  return {
    planId: plan.id ?? '',
    kind: plan.kind,
    nodes: plan.remove.map(node => ({ ...node, nodePool: node.nodePool ?? null })),
    roomy: plan.makeRoom ?? [],
    targets: plan.add,
    pods: plan.pods,
    startedAt: steps.find(({ startedAt }) => startedAt !== null)?.startedAt ?? null,
    leftAt: leftAt(steps),
    isUnderWay: plan.state === 'running' || plan.state === 'stopping',
    hasFullEvidence: plan.resize?.hasFullEvidence ?? true,
  };
}

function leftAt(steps: Plan['steps']): Map<string, number> {
  const first = new Map<string, number>();
  for (const { kind, node, startedAt } of steps) {
    if ((kind !== 'drain' && kind !== 'evict') || node === null || startedAt === null) continue;
    first.set(node.name, Math.min(startedAt, first.get(node.name) ?? startedAt));
  }
  return first;
}
