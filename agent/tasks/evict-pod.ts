import type { ApiStatus } from '../../common/kubernetes/index.ts';
import { type ApiAnswer, statusMessage } from '../kubernetes/kubernetes-api.ts';
import { errorText } from '../log.ts';
import { backoffMs, pause } from '../pause.ts';
import { type PodRef, podPath, readPod } from './read-pod.ts';
import { done, failed, mayAct, overOutcome, type TaskContext, type TaskOutcome } from './task-outcome.ts';

/** What became of one request for eviction. `blocked` names what it waits for; `over`: the task ended before. */
export type EvictionTry =
  | { readonly kind: 'evicted' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'over' }
  | { readonly kind: 'blocked'; readonly reason: string; readonly retryAfterMs: number | undefined }
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * Asks the Eviction API once, so that budgets are kept; notes before that it does, and after that the pod is evicted. A pod
 * that is gone, replaced or on its way out already is not asked for again: after a kill, the repetition has no effect.
 */
export async function tryEviction(
  context: TaskContext,
  pod: PodRef,
  gracePeriodSeconds?: number,
): Promise<EvictionTry> {
  const { record, taskLog } = context;
  const evicted = async (): Promise<EvictionTry> => {
    if (!record.task.dryRun && !record.evicted.some(one => one.uid === pod.uid))
      await taskLog.note(record, { evicted: [pod] });
    return { kind: 'evicted' };
  };
  const seen = await readPod(context, pod);
  const wasAsked = record.asked.some(one => one.uid === pod.uid);
  if (seen === 'gone') return wasAsked ? evicted() : { kind: 'gone' };
  if (seen.metadata?.deletionTimestamp !== undefined) return evicted();
  if (!mayAct(context)) return { kind: 'over' };
  if (!wasAsked && !record.task.dryRun) await taskLog.note(record, { asked: [pod] });
  const answer = await requestEviction(context, pod, gracePeriodSeconds);
  if (answer.code === 201 || answer.code === 200) return evicted();
  if (answer.code === 404) return { kind: 'gone' };
  const message = statusMessage(answer).replace(/\.$/, '');
  if (/more than one PodDisruptionBudget/.test(message)) {
    const reason = `Pod ${pod.namespace}/${pod.name} cannot be evicted: ${message}; leave one budget that covers it.`;
    return { kind: 'failed', reason };
  }
  if (answer.code === 429 || answer.code === 409 || answer.code >= 500) {
    const { retryAfterSeconds } = answer;
    const retryAfterMs = retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1000;
    return { kind: 'blocked', reason: blockedBy(pod, answer), retryAfterMs };
  }
  return { kind: 'failed', reason: `Pod ${pod.namespace}/${pod.name} cannot be evicted: ${message}.` };
}

/** The task of evicting one pod: asks until the API agrees or the task is over. */
export async function evictPod(
  context: TaskContext,
  pod: PodRef,
  gracePeriodSeconds: number | undefined,
): Promise<TaskOutcome> {
  const { record } = context;
  const name = `${pod.namespace}/${pod.name}`;
  if (record.evicted.length > 0) return done(`Pod ${name} was evicted.`);
  let reason = '';
  for (let attempt = 0; ; attempt++) {
    const tried = await tryEviction(context, pod, gracePeriodSeconds);
    if (tried.kind === 'gone') return done(`Pod ${name} is gone.`);
    if (tried.kind === 'failed') return failed(tried.reason);
    if (tried.kind === 'evicted') {
      return done(record.task.dryRun ? `Dry run: pod ${name} would be evicted.` : `Pod ${name} is evicted.`);
    }
    if (tried.kind === 'over') {
      return overOutcome(context, `pod ${name} was not evicted${reason && `: it waited for ${reason}`}.`);
    }
    if (record.task.dryRun) return done(`Dry run: pod ${name} would wait for ${tried.reason}.`);
    if (tried.reason !== reason) context.progress(`Pod ${name} waits for ${tried.reason}`);
    reason = tried.reason;
    await pause(tried.retryAfterMs ?? backoffMs(attempt, 1_000, 5_000, context.random), context.over);
  }
}

/** No answer counts as an overloaded API (503): whether there was an effect, the next reading of the pod shows. */
async function requestEviction(
  context: TaskContext,
  pod: PodRef,
  grace: number | undefined,
): Promise<ApiAnswer> {
  const deleteOptions = {
    preconditions: { uid: pod.uid },
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(context.record.task.dryRun ? { dryRun: ['All'] } : {}),
  };
  const { name, namespace } = pod;
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace }, deleteOptions };
  try {
    return await context.api.call({ method: 'POST', path: `${podPath(pod)}/eviction`, body });
  } catch (error) {
    return { code: 503, body: { message: errorText(error) }, retryAfterSeconds: undefined };
  }
}

/** What a refused eviction waits for, in words. The cause names the budget, which lives in the pod's namespace. */
function blockedBy(pod: PodRef, answer: ApiAnswer): string {
  const causes = (answer.body as ApiStatus | undefined)?.details?.causes ?? [];
  const message = causes.find(cause => cause.reason === 'DisruptionBudget')?.message ?? statusMessage(answer);
  const budget = /disruption budget (\S+) /.exec(message)?.[1];
  return budget === undefined
    ? `the Kubernetes API (${message})`
    : `PodDisruptionBudget ${pod.namespace}/${budget}`;
}
