import type { PolicyDocument } from '../../../common/contracts/index.ts';
import type { Disruption } from './plan-disruption.ts';

/** A recommendation of less than a week is not carried out by itself, whatever a policy says. */
const LEAST_EVIDENCE_DAYS = 7;

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
  if (plan.kind === 'resize' && (plan.evidenceDays ?? 0) < LEAST_EVIDENCE_DAYS) {
    const seen =
      plan.evidenceDays === null ? 'its evidence is unknown' : `it rests on ${plan.evidenceDays} days`;
    reasons.push(`${seen}, and a resize needs ${LEAST_EVIDENCE_DAYS}`);
  }
  return reasons;
}
