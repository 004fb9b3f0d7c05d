import type { BoundPods } from './bind-pods.ts';
import { mayLeave } from './compile-problem.ts';
import { movablePods, type NodePlan } from './node-plan.ts';
import type { PackingProblem } from './problem.ts';

interface Planned {
  readonly plans: NodePlan[];
  readonly bound: BoundPods;
}

/**
 * The same nodes with fewer moves: pods stay where they are on every node that is kept, and only those of removed nodes look for a place. When they
 * do not find one, everything stays as it was packed.
 */
export function fewestMoves(
  problem: PackingProblem,
  packed: Planned,
  wanted: ReadonlyMap<number, number>,
  bindAll: (plans: readonly NodePlan[]) => BoundPods,
): Planned {
  if (!problem.existing.some(existing => mayLeave(existing, true)) || wanted.size === 0) return packed;
  const plans = packed.plans.map((plan): NodePlan => {
    if (plan.source.kind === 'offer') return { ...plan, planned: [] };
    const existing = problem.existing[plan.source.node] as PackingProblem['existing'][number];
    const staying = [...movablePods(existing)].map(([podClass, count]) => ({ podClass, count }));
    return { ...plan, staying, planned: [] };
  });
  const bound = bindAll(plans);
  const used = new Set(bound.bindings.map(({ node }) => node));
  const isEmpty = plans.some((plan, n) => plan.source.kind === 'offer' && !used.has(n));
  return bound.homeless.size === 0 && !isEmpty ? { plans, bound } : packed;
}
