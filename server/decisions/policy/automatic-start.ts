import type { PolicyDocument } from '../../../common/contracts/index.ts';
import type { Disruption } from './plan-disruption.ts';

/** All that stands against a plan's start without a person; empty when the policy lets it start by itself. */
export function reasonsForPerson({ mode, automatic }: PolicyDocument, plan: Disruption): string[] {
  if (mode !== 'automatic') return [`the mode is ${mode}`];
  const reasons: string[] = [];
  if (!automatic.kinds.includes(plan.kind))
    reasons.push(`plans of kind ${plan.kind} are not among those that may`);
  if (plan.nodes.length > automatic.maximumNodes)
    reasons.push(`it takes ${plan.nodes.length} nodes, more than ${automatic.maximumNodes}`);
  if (plan.pods.length > automatic.maximumPods)
    reasons.push(`it moves ${plan.pods.length} pods, more than ${automatic.maximumPods}`);
  if (!plan.hasFullEvidence) reasons.push('less than a whole week with a weekend was measured');
  return reasons;
}
