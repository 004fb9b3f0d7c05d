import type { PackingProblem } from '../../server/decisions/packing/problem.ts';
import { type BaselineClass, type BaselineType, baselineClasses, baselineTypes } from './packing-case.ts';

interface Estimate {
  readonly type: BaselineType;
  readonly nodes: number;
  /** Part of the CPU plus part of the memory of these nodes that stays unused. */
  readonly waste: number;
  readonly placed: Int32Array;
}

/**
 * How cluster-autoscaler scales up with one node group for each type and zone: for every group the pending pods are packed first-fit onto its
 * template, by CPU part plus memory part, descending; the group with least waste grows; the rest waits for the next loop. Prices play no part.
 * Source: kubernetes/autoscaler estimator/{binpacking_estimator,decreasing_pod_orderer}.go, expander/waste/waste.go.
 * @returns micro-USD an hour, and pods that fit nowhere
 */
export function packLikeAutoscaler(problem: PackingProblem): { cost: number; unplaced: number } {
  const types = baselineTypes(problem);
  const zones = [...new Set(types.map(({ zone }) => zone))].filter(zone => zone !== null);
  const classes = baselineClasses(problem).flatMap(pod =>
    pod.spreadsZones && zones.length > 0
      ? zones.map((zone, i) => ({
          ...pod,
          zone,
          count: Math.floor(pod.count / zones.length) + (i < pod.count % zones.length ? 1 : 0),
        }))
      : [{ ...pod, zone: null as string | null }],
  );
  const left = Int32Array.from(classes, ({ count }) => count);
  let cost = 0;
  for (;;) {
    let best: Estimate | undefined;
    for (const type of types) {
      const estimate = estimateNodes(type, classes, left);
      if (estimate.nodes > 0 && (!best || estimate.waste < best.waste - 1e-12)) best = estimate;
    }
    if (!best) break;
    cost += best.nodes * best.type.price;
    best.placed.forEach((count, c) => {
      left[c] = (left[c] as number) - count;
    });
  }
  return { cost, unplaced: left.reduce((sum, count) => sum + count, 0) };
}

function estimateNodes(
  type: BaselineType,
  classes: readonly (BaselineClass & { zone: string | null })[],
  left: Int32Array,
): Estimate {
  const order = classes
    .map((pod, c) => ({ pod, c, score: pod.cpu / type.cpu + pod.memory / type.memory }))
    .filter(({ pod, c }) => (left[c] as number) > 0 && mayUse(type, pod))
    .sort((a, b) => b.score - a.score || a.c - b.c);
  const free: { cpu: number; memory: number; gpu: number; pods: number }[] = [];
  const placed = new Int32Array(classes.length);
  for (const { pod, c } of order) {
    let count = left[c] as number;
    for (let n = 0; count > 0; n++) {
      if (n === free.length)
        free.push({ cpu: type.cpu, memory: type.memory, gpu: type.gpu, pods: type.pods });
      const node = free[n] as (typeof free)[number];
      const room = Math.min(
        node.pods,
        pod.cpu > 0 ? Math.floor(node.cpu / pod.cpu) : Infinity,
        pod.memory > 0 ? Math.floor(node.memory / pod.memory) : Infinity,
        pod.gpu > 0 ? Math.floor(node.gpu / pod.gpu) : Infinity,
        pod.isApart ? 1 : Infinity,
        count,
      );
      if (room < 1) continue;
      node.cpu -= room * pod.cpu;
      node.memory -= room * pod.memory;
      node.gpu -= room * pod.gpu;
      node.pods -= room;
      count -= room;
    }
    placed[c] = left[c] as number;
  }
  const cpu = free.reduce((sum, node) => sum + node.cpu, 0) / (type.cpu * free.length);
  const memory = free.reduce((sum, node) => sum + node.memory, 0) / (type.memory * free.length);
  return { type, nodes: free.length, waste: cpu + memory, placed };
}

function mayUse(type: BaselineType, pod: BaselineClass & { zone: string | null }): boolean {
  return (
    pod.cpu <= type.cpu &&
    pod.memory <= type.memory &&
    pod.gpu <= type.gpu &&
    type.pods >= 1 &&
    (pod.arch === undefined || pod.arch === type.arch) &&
    (pod.zone === null || pod.zone === type.zone)
  );
}
