import type { TaskAction } from '../../common/agent-protocol/index.ts';
import type { Plan, PlanStep } from '../../common/contracts/index.ts';
import type { DecisionPolicy } from './policy.ts';
import { resizeAction } from './resizing/resize-steps.ts';

/** Whether a stop ends a step of the agent: a delete cannot be taken back half-way, and an uncordon is the way back itself. */
export function mayBeCancelled(step: PlanStep): boolean {
  return (
    step.kind === 'cordon' ||
    step.kind === 'evict' ||
    step.kind === 'drain' ||
    (step.kind === 'resize-pod' && step.undoes === undefined)
  );
}

/** The agent's task of a step; none for those of the engine. */
export function actionOf(plan: Plan, step: PlanStep, policy: DecisionPolicy): TaskAction | undefined {
  const { kind, node, pod } = step;
  if (kind === 'evict' && pod) return { kind, pod };
  if (!node) return resizeAction(plan, step);
  if (kind === 'drain') return { kind, node, deleteLocalStorage: policy.allowLocalStorage };
  if (kind === 'release') return { kind: 'uncordon', node };
  return kind === 'cordon' || kind === 'uncordon' || kind === 'delete-node' ? { kind, node } : undefined;
}

/** What the audit log says a step is about; of the end of an instance, which nothing takes back, also who approved it. */
export function subjectOf({ approval }: Plan, step: PlanStep): Readonly<Record<string, unknown>> {
  const { kind, wave, node, pod, instanceId, group } = step;
  return {
    step: kind,
    wave,
    ...(node ? { node: node.name } : {}),
    ...(pod ? { pod: `${pod.namespace}/${pod.name}` } : {}),
    ...(kind === 'end-instance'
      ? { instanceId, approvedBy: approval?.by ?? null, ...(group ? { group: group.name } : {}) }
      : {}),
  };
}
