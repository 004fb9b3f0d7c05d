import type { ContainerChange } from '../../common/agent-protocol/index.ts';
import type { PodObject } from '../../common/kubernetes/index.ts';
import { statusMessage } from '../kubernetes/kubernetes-api.ts';
import { pause } from '../pause.ts';
import { findSizes, runsWith, sizePatch } from './container-sizes.ts';
import { callPatiently } from './node-steps.ts';
import { type PodRef, podPath, readPod } from './read-pod.ts';
import {
  done,
  failed,
  mayAct,
  overOutcome,
  refused,
  type TaskContext,
  type TaskOutcome,
} from './task-outcome.ts';

/** The kubelet answers within seconds. */
const LOOK_EVERY_MS = 1_000;

/**
 * Gives the containers of a running pod new sizes in place (subresource `resize`, Kubernetes 1.33 and newer), and waits until the
 * kubelet has done it. A pod that has them already counts as done, so that a repetition changes nothing.
 */
export async function resizePod(
  context: TaskContext,
  { pod, containers }: { readonly pod: PodRef; readonly containers: readonly ContainerChange[] },
): Promise<TaskOutcome> {
  const name = `${pod.namespace}/${pod.name}`;
  const seen = await readPod(context, pod);
  if (seen === 'gone') return refused(`Pod ${name} does not exist any more.`);
  const found = findSizes(seen.spec ?? {}, containers);
  if (found.kind === 'other') return refused(`Pod ${name} is not as it was: ${found.difference}`);
  if (found.kind === 'now') {
    if (!mayAct(context)) return overOutcome(context, 'nothing was changed.');
    const { dryRun } = context.record.task;
    const answer = await callPatiently(context, {
      method: 'PATCH',
      path: `${podPath(pod)}/resize`,
      contentType: 'application/strategic-merge-patch+json',
      ...(dryRun ? { query: { dryRun: 'All' } } : {}),
      body: { metadata: { uid: pod.uid }, spec: sizePatch(seen.spec ?? {}, containers) },
    });
    if (answer.code === 404 && (await readPod(context, pod)) !== 'gone')
      return refused(
        'This cluster cannot resize a running pod (pods/resize, Kubernetes 1.33 and newer): a change cannot be tried on one pod first.',
      );
    if (answer.code === 404 || answer.code === 409) return refused(`Pod ${name} was replaced.`);
    if (answer.code !== 200) return failed(`Pod ${name} could not be resized: ${statusMessage(answer)}`);
    if (dryRun) return done(`Dry run: pod ${name} would be resized.`);
  }
  return awaitKubelet(context, pod, containers);
}

async function awaitKubelet(
  context: TaskContext,
  pod: PodRef,
  containers: readonly ContainerChange[],
): Promise<TaskOutcome> {
  const name = `${pod.namespace}/${pod.name}`;
  let reason = '';
  while (!context.over.aborted) {
    const seen = await readPod(context, pod);
    if (seen === 'gone') return failed(`Pod ${name} went away while it was resized.`);
    const { containerStatuses = [], initContainerStatuses = [] } = seen.status ?? {};
    if (runsWith([...containerStatuses, ...initContainerStatuses], containers))
      return done(`Pod ${name} runs with its new sizes, without a restart.`);
    const answer = kubeletAnswer(seen);
    if (answer?.isFinal) return failed(`The node cannot resize pod ${name}: ${answer.text}`);
    if (answer && answer.text !== reason) context.progress(`Pod ${name} waits: ${answer.text}`);
    reason = answer?.text ?? reason;
    await pause(LOOK_EVERY_MS, context.over);
  }
  return overOutcome(context, `pod ${name} has not its new sizes yet${reason && `: ${reason}`}`);
}

/** What the kubelet says of a resize that is not done. */
function kubeletAnswer({ status }: PodObject): { text: string; isFinal: boolean } | undefined {
  const conditions = (status?.conditions ?? []).filter(one => one.status === 'True');
  const stuck = conditions.find(({ type, reason }) => type === 'PodResizeInProgress' && reason === 'Error');
  const pending = conditions.find(({ type }) => type === 'PodResizePending');
  const found = stuck ?? pending;
  if (!found) return undefined;
  const isFinal = found === stuck || found.reason === 'Infeasible';
  return { text: `${found.reason ?? 'pending'}${found.message ? ` (${found.message})` : ''}`, isFinal };
}
