import type { Plan, PlanResize, PlanStep } from '../../../common/contracts/index.ts';
import type { PlanCheck } from '../check-plan.ts';
import type { MoveUnderWay } from '../engines/engine.ts';
import type { ObservedCluster } from '../neighbours.ts';
import { asksFor, podsOfResize } from './pods-of-resize.ts';

/**
 * Holds a resize against the cluster as it is now: the workload is the same, its pods ask for what they asked for when it was decided
 * (but for the one that was resized first), and all are ready.
 */
export function checkResize(
  plan: Plan & { readonly resize: PlanResize },
  observed: ObservedCluster | undefined,
  others: readonly MoveUnderWay[] = [],
): PlanCheck {
  if (observed?.cluster.state !== 'live')
    return { verdict: 'away', text: `The agent of cluster ${plan.clusterName} is not connected.` };
  const { resize } = plan;
  const { kind, namespace, name, uid } = resize.workload;
  const words = `${kind} ${namespace}/${name}`;
  const found = observed.inventory.workloads.find(
    one => one.kind === kind && one.namespace === namespace && one.name === name,
  );
  if (!found) return stale(`${words} is no longer in the cluster.`);
  if (found.uid !== uid) return stale(`${words} was replaced by another one.`);
  if (others.some(move => move.resizes === uid)) return stale(`Another plan for ${words} is under way.`);
  const canary = canaryOfSteps(plan.steps);
  const pods = podsOfResize(resize, observed);
  if (pods.length === 0) return stale(`No pod of ${words} runs.`);
  const other = pods.find(pod => pod.uid !== canary?.uid && !asksFor(pod, resize, 'now'));
  if (other)
    return stale(`Pod ${namespace}/${other.name} asks for other amounts now than when this was decided.`);
  const unready = pods.filter(pod => !pod.ready);
  if (unready.length === 0) return { verdict: 'holds' };
  return {
    verdict: 'wait',
    text: `${unready.length} of ${pods.length} pods of ${words} ${unready.length === 1 ? 'is' : 'are'} not ready.`,
  };
}

/** The pod that got the new sizes first, once its step has begun. */
function canaryOfSteps(steps: readonly PlanStep[]): PlanStep['pod'] {
  return steps.find(({ kind, undoes }) => kind === 'resize-pod' && undoes === undefined)?.pod;
}

function stale(text: string): PlanCheck {
  return { verdict: 'stale', text };
}
