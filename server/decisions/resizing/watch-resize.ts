import type { InventoryPod } from '../../../common/agent-protocol/index.ts';
import type { Plan, PlanResize, PlanStep } from '../../../common/contracts/index.ts';
import { formatCpu, formatDuration } from '../../../common/units/index.ts';
import type { ObservedCluster } from '../neighbours.ts';
import type { DecisionPolicy } from '../policy.ts';
import { asksFor, podsOfResize } from './pods-of-resize.ts';

/** What pods used at a moment, by `namespace/name`. */
export type PodMeasures = ReadonlyMap<
  string,
  {
    readonly at: number;
    readonly containers:
      | readonly { readonly name: string; readonly used: { readonly cpuMilli: number } }[]
      | undefined;
  }
>;

/** How the watch over pods with new sizes stands. `throttled`: who ran at the CPU limit in the last look, for the next one. */
export type WatchLook =
  | { readonly state: 'waits'; readonly detail: string }
  | { readonly state: 'done' | 'failed'; readonly detail: string };

/** From here on a container runs at its CPU limit: the kernel lets it no further, so measured usage stays a little below. */
const AT_LIMIT = 0.95;
/** So many measures in a row at the limit are throttling, fewer a burst. */
const THROTTLED_MEASURES = 3;
/** Why a container that has crashed does not run. */
const BROKEN = /^(CrashLoopBackOff|RunContainerError|CreateContainerError|CreateContainerConfigError)$/;

/**
 * Looks after the pods that have their new sizes: first the one that got them before all others, then all. Watched are kills for want
 * of memory, crashes, and measures at the CPU limit. It is over when that went well for as long as the policy says.
 * @param atLimit how many measures in a row a container was at its limit, by pod uid and container; the caller keeps it between looks
 */
export function watchResize(
  plan: Plan & { readonly resize: PlanResize },
  step: PlanStep,
  observed: ObservedCluster,
  measures: PodMeasures,
  atLimit: Map<string, { count: number; at: number }>,
  policy: Pick<DecisionPolicy, 'resizeWatchMs' | 'rolloutMs'>,
  nowMs: number,
): WatchLook {
  const { resize, steps } = plan;
  const { workload } = resize;
  const began = steps.findLast(
    one => one.index < step.index && (one.kind === 'resize-pod' || one.kind === 'resize-workload'),
  );
  const sinceMs = began?.startedAt ?? nowMs;
  const isCanary = began?.kind === 'resize-pod';
  const all = podsOfResize(resize, observed);
  const pods = isCanary
    ? all.filter(({ uid }) => uid === began.pod?.uid)
    : all.filter(pod => asksFor(pod, resize, 'after'));
  if (isCanary && pods.length === 0)
    return { state: 'failed', detail: `Pod ${began.pod?.namespace}/${began.pod?.name} is gone.` };
  for (const pod of pods) {
    const trouble = troubleOf(pod, sinceMs) ?? throttledWords(pod, resize, measures, atLimit, sinceMs);
    if (trouble !== undefined) return { state: 'failed', detail: trouble };
  }
  const ready = pods.filter(pod => pod.ready);
  const wanted = isCanary ? 1 : resize.replicas;
  const watchedMs = nowMs - (step.startedAt ?? nowMs);
  const missing = isCanary ? ready.length < 1 : ready.length < all.length || all.length === 0;
  if (missing) {
    const detail = `${ready.length} of ${Math.max(wanted, all.length)} pods of ${workload.namespace}/${workload.name} are ready with the new sizes.`;
    return watchedMs > policy.rolloutMs
      ? { state: 'failed', detail: `In ${formatDuration(watchedMs)} no more than that: ${detail}` }
      : { state: 'waits', detail };
  }
  // The last pod that came with the new sizes has to be watched as long as the first.
  const youngest = Math.max(step.startedAt ?? nowMs, ...(isCanary ? [] : pods.map(pod => pod.createdAt)));
  const goodMs = nowMs - youngest;
  const whom = isCanary ? `Pod ${pods[0]?.name}` : `${ready.length} pods`;
  return goodMs < policy.resizeWatchMs
    ? {
        state: 'waits',
        detail: `${whom} ${isCanary ? 'runs' : 'run'} well with the new sizes; watched until ${formatDuration(policy.resizeWatchMs)} have passed.`,
      }
    : {
        state: 'done',
        detail: `${whom} ran ${formatDuration(policy.resizeWatchMs)} without a kill, a crash or throttling.`,
      };
}

function troubleOf(pod: InventoryPod, sinceMs: number): string | undefined {
  for (const { name, oomKilledAt, waiting } of pod.containers ?? []) {
    const where = `Container ${name} of pod ${pod.namespace}/${pod.name}`;
    // Objects state whole seconds.
    if (oomKilledAt !== undefined && oomKilledAt >= Math.floor(sinceMs / 1000) * 1000)
      return `${where} was killed for want of memory.`;
    if (waiting !== undefined && BROKEN.test(waiting)) return `${where} does not run: ${waiting}.`;
  }
  return undefined;
}

function throttledWords(
  pod: InventoryPod,
  { containers }: PlanResize,
  measures: PodMeasures,
  atLimit: Map<string, { count: number; at: number }>,
  sinceMs: number,
): string | undefined {
  const measure = measures.get(`${pod.namespace}/${pod.name}`);
  if (!measure?.containers || measure.at < sinceMs) return undefined;
  for (const { name, after } of containers) {
    const limit = after.cpuLimitMilli;
    const used = measure.containers.find(one => one.name === name)?.used.cpuMilli;
    if (limit === null || used === undefined) continue;
    const key = `${pod.uid}/${name}`;
    const before = atLimit.get(key);
    if (before?.at === measure.at) continue;
    const count = used >= AT_LIMIT * limit ? (before?.count ?? 0) + 1 : 0;
    atLimit.set(key, { count, at: measure.at });
    if (count >= THROTTLED_MEASURES)
      return `Container ${name} of pod ${pod.namespace}/${pod.name} is throttled: it used ${formatCpu(used)} of its limit of ${formatCpu(limit)} in ${count} measures in a row.`;
  }
  return undefined;
}
