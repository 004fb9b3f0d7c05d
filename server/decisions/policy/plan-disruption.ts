import type { Plan, PolicyPlanKind } from '../../../common/contracts/index.ts';
import type { NodePlace } from './match-nodes.ts';

/** A node that a plan takes away. */
export interface LostNode extends NodePlace {
  readonly name: string;
  readonly uid: string;
}

/** A pod that a plan moves; `owner` as `Deployment/shop/web`, `null` of a bare pod. */
export interface MovedPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly owner: string | null;
}

/** What a plan does to a cluster, as far as policies care: the one place that knows how plans are built. */
export interface Disruption {
  readonly planId: string;
  readonly kind: PolicyPlanKind;
  readonly nodes: readonly LostNode[];
  /** Where its pods are meant to go; empty where it only takes nodes away. */
  readonly targets: readonly Pick<NodePlace, 'instanceType' | 'zone' | 'capacityType'>[];
  readonly pods: readonly MovedPod[];
  /** ms; `null` before its first step. */
  readonly startedAt: number | null;
  /** ms; when pods began to move; `null` where none did. */
  readonly movedAt: number | null;
  readonly isUnderWay: boolean;
  /** Days of usage behind it, of a resize; `null` when unknown or for other kinds. */
  readonly evidenceDays: number | null;
}

/** The parts of a plan that say what it disrupts; a proposal has them, too. */
type Disrupting = Pick<Plan, 'node' | 'target' | 'pods'> & Partial<Pick<Plan, 'id' | 'state' | 'steps'>>;

/** What a plan or a proposal disrupts. */
export function disruptionOf(plan: Disrupting): Disruption {
  const steps = plan.steps ?? [];
  const startedAt = steps.find(step => step.startedAt !== null)?.startedAt ?? null;
  return {
    planId: plan.id ?? '',
    kind: 'replace-node',
    nodes: [{ ...plan.node, nodePool: plan.node.nodePool ?? null }],
    targets: [plan.target],
    pods: plan.pods,
    startedAt,
    movedAt: steps.find(step => step.kind === 'drain')?.startedAt ?? null,
    isUnderWay: plan.state === 'running' || plan.state === 'stopping',
    evidenceDays: null,
  };
}
