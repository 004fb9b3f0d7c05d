import type { Plan, PlanNode, PlanStep } from '../../common/contracts/index.ts';
import { resizeEndWords } from './resizing/resize-steps.ts';

/** What became of the nodes of a plan that did not come to its end. */
export function endWords(plan: Plan, stands: (uid: string) => boolean): string {
  if (plan.resize) return resizeEndWords(plan);
  const removed = removedNodes(plan);
  const back = plan.steps
    .filter(
      step =>
        step.kind === 'uncordon' &&
        [...plan.remove, ...(plan.makeRoom ?? [])].some(({ uid }) => uid === step.node?.uid),
    )
    .flatMap(({ node }) => (node && stands(node.uid) ? [node] : []));
  const gone = plan.remove.filter(({ uid }) => !stands(uid) && !removed.some(node => node.uid === uid));
  const words = [
    ...(removed.length > 0
      ? [`${named(removed)} ${removed.length === 1 ? 'was' : 'were'} drained and removed before that.`]
      : []),
    ...(back.length > 0
      ? [
          `${named(back)} ${back.length === 1 ? 'was uncordoned and takes' : 'were uncordoned and take'} pods again.`,
        ]
      : []),
    ...plan.steps
      .filter(({ kind, state, instanceId }) => kind === 'terminate' && state === 'done' && instanceId)
      .map(({ instanceId }) => `Instance ${instanceId}, which came for it, is terminated.`),
    ...endedWords(plan),
    ...(gone.length > 0 ? [`${named(gone)} ${gone.length === 1 ? 'is' : 'are'} gone.`] : []),
  ];
  return words.length > 0 ? words.join(' ') : 'Nothing was changed.';
}

/** Instances that the plan ended; nothing brings them back. */
function endedWords({ steps }: Plan): string[] {
  const ids = steps
    .filter(({ kind, state, startedAt }) => kind === 'end-instance' && state === 'done' && startedAt !== null)
    .map(({ instanceId }) => instanceId);
  if (ids.length === 0) return [];
  return [
    `${ids.length === 1 ? 'Instance' : 'Instances'} ${ids.join(', ')} ${ids.length === 1 ? 'was' : 'were'} ended, which cannot be taken back.${lingeringWords({ steps })}`,
  ];
}

/** Nodes of a plan whose instances go on costing, in one sentence; empty where there are none. */
export function stayingWords({ remove }: Pick<Plan, 'remove'>): string {
  const staying = remove.filter(({ endedBy }) => endedBy === 'nobody');
  if (staying.length === 0) return '';
  const one = staying.length === 1;
  return ` The ${one ? 'instance of node' : 'instances of nodes'} ${staying.map(({ name }) => name).join(', ')} ${one ? 'goes' : 'go'} on costing until somebody ends ${one ? 'it' : 'them'}.`;
}

/** Instances that AWS had not ended when the plan went on, in one sentence; empty where there are none. */
export function lingeringWords({ steps }: Pick<Plan, 'steps'>): string {
  const ids = steps.flatMap(({ lingers, instanceId }) => (lingers && instanceId ? [instanceId] : []));
  if (ids.length === 0) return '';
  const one = ids.length === 1;
  return ` ${one ? 'Instance' : 'Instances'} ${ids.join(', ')} ${one ? 'is' : 'are'} still terminating, and ${one ? 'goes' : 'go'} on costing until AWS shows ${one ? 'it' : 'them'} gone.`;
}

/** Pods that made room for others by leaving nodes that stay; empty where there are none. */
export function roomWords(pods: number): string {
  if (pods === 0) return '';
  return ` ${pods === 1 ? 'One pod' : `${pods} pods`} made room for them by leaving nodes that stay.`;
}

/** How far a plan came before it was stopped. */
export function stoppedWords(plan: Plan): string {
  const done = plan.steps.filter(
    step =>
      step.state === 'done' &&
      step.kind !== 'uncordon' &&
      step.undoes === undefined &&
      step.startedAt !== null &&
      (step.node || plan.resize),
  );
  if (done.length === 0) return 'Stopped before any step was done.';
  const words = done.map(({ kind, node, pod }) => {
    if (kind === 'evict' && pod) return `${kind} of pod ${pod.name}`;
    return (plan.remove.length === 1 && !plan.makeRoom) || !node ? kind : `${kind} of ${node.name}`;
  });
  return `Stopped after ${words.join(' and ')}.`;
}

/** What to do about nodes, instances and sizes that could not be given back. */
export function stuckWords(steps: readonly PlanStep[]): string {
  return steps
    .map(({ kind, node, pod, instanceId, detail }) =>
      kind === 'resize-workload' || kind === 'resize-pod'
        ? `Taking the new sizes${pod ? ` of pod ${pod.namespace}/${pod.name}` : ''} back failed too (${detail}); look at it by hand.`
        : kind === 'terminate'
          ? `Ending instance ${instanceId ?? 'of the order'} failed too (${detail}); it may still run: aws ec2 terminate-instances --instance-ids ${instanceId ?? '…'}.`
          : `Uncordon failed too (${detail}); node ${node?.name} may still be cordoned: kubectl uncordon ${node?.name}.`,
    )
    .join(' ');
}

/** `Nodes a, b` */
export function named(nodes: readonly { readonly name: string }[]): string {
  return `${nodes.length === 1 ? 'Node' : 'Nodes'} ${nodes.map(({ name }) => name).join(', ')}`;
}

/** Nodes that the plan itself deleted. */
function removedNodes(plan: Plan): PlanNode[] {
  return plan.remove.filter(({ uid }) =>
    plan.steps.some(
      step =>
        step.kind === 'delete-node' &&
        step.state === 'done' &&
        step.startedAt !== null &&
        step.node?.uid === uid,
    ),
  );
}
