import type { Plan, PlanKind } from '../../../common/contracts/index.ts';
import type { NodePlace } from './match-nodes.ts';

/** A node that a plan takes away. */
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
}

/** What a plan does to a cluster, as far as policies care: the one place that knows how plans are built. */
export interface Disruption {
  readonly planId: string;
  readonly kind: PlanKind;
  readonly nodes: readonly LostNode[];
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
type Disrupting = Pick<Plan, 'kind' | 'remove' | 'add' | 'pods' | 'resize'> &
  Partial<Pick<Plan, 'id' | 'state' | 'steps'>>;

/** What a plan or a proposal disrupts. */
export function disruptionOf(plan: Disrupting): Disruption {
  const steps = plan.steps ?? [];
  const drains = steps.filter(({ kind }) => kind === 'drain');
  return {
    planId: plan.id ?? '',
    kind: plan.kind,
    nodes: plan.remove.map(node => ({ ...node, nodePool: node.nodePool ?? null })),
    targets: plan.add,
    pods: plan.pods,
    startedAt: steps.find(({ startedAt }) => startedAt !== null)?.startedAt ?? null,
    leftAt: new Map(
      drains.flatMap(({ node, startedAt }) =>
        node === null || startedAt === null ? [] : [[node.name, startedAt] as const],
      ),
    ),
    isUnderWay: plan.state === 'running' || plan.state === 'stopping',
    hasFullEvidence: plan.resize?.hasFullEvidence ?? true,
  };
}
