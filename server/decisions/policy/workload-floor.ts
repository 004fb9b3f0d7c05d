import type { DecisionPolicy } from '../policy.ts';
import { fitsAny } from './match-nodes.ts';

/** What the policy keeps of a workload on on-demand nodes. */
export interface WorkloadFloor {
  /** Name of the policy's rule. */
  readonly rule: string;
  /** Pods, at least 1. */
  readonly floor: number;
}

/**
 * The floor of a workload by the first rule that fits it; `undefined` where it has none.
 * @param workload `Deployment/shop/web`
 * @param pods all that it has
 */
export function floorOfWorkload(
  rules: DecisionPolicy['workloads'],
  workload: string,
  pods: number,
): WorkloadFloor | undefined {
  const rule = rules.find(({ only }) => fitsAny(only, workload));
  if (!rule) return undefined;
  const floor = Math.max(rule.onDemandPods ?? 0, Math.ceil((rule.onDemandShare ?? 0) * pods));
  return floor > 0 ? { rule: rule.name, floor } : undefined;
}
