import type { UsageReport } from './usage-source.ts';

/** Pods in one message: some 100 KB, so that a large cluster neither fills memory nor blocks the connection. */
const POD_COUNT = 500;

/**
 * A report in parts, nodes in the first. Pods of one workload stay together, because CloudOptim counts how many of it ran at a moment: a
 * part ends only where names show that another workload begins.
 */
export function* reportParts({ kind, nodes, pods }: UsageReport): Generator<UsageReport> {
  const ordered = pods
    .map(pod => ({ pod, workload: `${pod.namespace}/${workloadPart(pod.name)}` }))
    .sort((a, b) => (a.workload < b.workload ? -1 : Number(a.workload > b.workload)));
  let part: UsageReport = { kind, nodes, pods: [] };
  for (const [index, { pod, workload }] of ordered.entries()) {
    if (part.pods.length >= POD_COUNT && workload !== ordered[index - 1]?.workload) {
      yield part;
      part = { kind, nodes: [], pods: [] };
    }
    part.pods.push(pod);
  }
  yield part;
}

/** Controllers add one or two words to their name: `web-7c9d5b6f4-x2x8q`, `db-0`. Without the last two, all pods of one share the rest. */
function workloadPart(name: string): string {
  return name.split('-').slice(0, -2).join('-');
}
