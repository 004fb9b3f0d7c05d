import type { ObjectStore } from './object-store.ts';
import { formatTime } from './object-store.ts';
import { isTerminating } from './pod-facts.ts';
import { podsByController, stampPod } from './stamp-pod.ts';

/** Runs the pods of every Job until as many have succeeded as it wants, `parallelism` at a time. */
export function reconcileJobs(store: ObjectStore, nowMs: number): void {
  const pods = podsByController(store);
  for (const job of store.list('jobs')) {
    if (job.metadata.deletionTimestamp) continue;
    const own = pods.get(job.metadata.uid) ?? [];
    const succeeded = own.filter(pod => pod.status?.phase === 'Succeeded').length;
    const live = own.filter(
      pod => !isTerminating(pod) && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed',
    );
    const wanted = job.spec.completions ?? 1;
    const more = Math.min(job.spec.parallelism ?? 1, wanted - succeeded) - live.length;
    for (let index = 0; index < more; index++) {
      stampPod(store, job, job.spec.template, {
        labels: { 'batch.kubernetes.io/job-name': job.metadata.name },
        changeSpec: spec => ({ ...spec, restartPolicy: 'Never' }),
      });
    }
    store.update('jobs', job.metadata.namespace, job.metadata.name, current => ({
      ...current,
      status: {
        ...current.status,
        active: live.length,
        succeeded,
        ...(succeeded >= wanted && !current.status?.conditions
          ? {
              completionTime: formatTime(nowMs),
              conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: formatTime(nowMs) }],
            }
          : {}),
      },
    }));
  }
}
