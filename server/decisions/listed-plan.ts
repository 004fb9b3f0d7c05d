import type { Plan } from '../../common/contracts/index.ts';

/** Pods that a list tells of a plan: one for a thousand nodes moves ten thousand, and a list has many plans. */
const LISTED_PODS = 100;

/** A plan as lists and the live topic of all plans tell it; asked for alone, it is told whole. */
export function listedPlan(plan: Plan): Plan {
  const more = plan.pods.length - LISTED_PODS;
  return more > 0 ? { ...plan, pods: plan.pods.slice(0, LISTED_PODS), morePods: more } : plan;
}
