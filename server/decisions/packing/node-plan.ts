import {
  type BinSource,
  type CompiledProblem,
  factsOf,
  mayLeave,
  writeResources,
} from './compile-problem.ts';
import { daemonSetLoad } from './daemon-set-load.ts';
import type { NodeGroups } from './node-groups.ts';
import type { PlacementNode } from './placement.ts';
import { HOSTNAME_LABEL, type NodeShape, type Offer, type PackingProblem } from './problem.ts';

/** Pods of one class. */
export interface CountedPods {
  readonly podClass: number;
  readonly count: number;
}

/** A node of a packing before its pods are bound. */
export interface NodePlan {
  readonly source: BinSource;
  readonly name: string;
  /** Pods that are on it already and stay whatever happens. */
  readonly resident: readonly CountedPods[];
  /** Pods that are on it and might leave, but do not. */
  readonly staying: readonly CountedPods[];
  /** Pods that are meant for it. */
  readonly planned: CountedPods[];
}

/** One plan for each node of each group. Nodes that there are but that were not used come with nothing planned if they stay anyway. */
export function nodePlans(
  problem: PackingProblem,
  { bins, parts }: CompiledProblem,
  groups: NodeGroups,
  nameOf: (offer: Offer) => string,
): NodePlan[] {
  const plans: NodePlan[] = [];
  const used = new Set<number>();
  for (let g = 0; g < groups.size; g++) {
    const source = bins[groups.bin[g] as number] as BinSource;
    const counts = new Map<number, number>();
    groups.eachEntry(g, (c, units) => {
      const { podClass, podsEach } = parts[c] as CompiledProblem['parts'][number];
      counts.set(podClass, (counts.get(podClass) ?? 0) + units * podsEach);
    });
    const planned = () => [...counts].map(([podClass, count]) => ({ podClass, count }));
    for (let i = 0; i < (groups.nodes[g] as number); i++) {
      if (source.kind === 'existing') {
        used.add(source.node);
        plans.push(existingPlan(problem, source.node, planned()));
      } else {
        const offer = problem.offers[source.offer] as Offer;
        plans.push({ source, name: nameOf(offer), resident: [], staying: [], planned: planned() });
      }
    }
  }
  problem.existing.forEach((existing, node) => {
    if (!used.has(node) && !mayLeave(existing, true)) plans.push(existingPlan(problem, node, []));
  });
  return plans;
}

function existingPlan(problem: PackingProblem, node: number, wanted: readonly CountedPods[]): NodePlan {
  const existing = problem.existing[node] as PackingProblem['existing'][number];
  const resident = existing.pods.filter(({ canMove }) => !mayLeave(existing, canMove));
  const here = movablePods(existing);
  const staying: CountedPods[] = [];
  const planned: CountedPods[] = [];
  for (const { podClass, count } of wanted) {
    const stay = Math.min(count, here.get(podClass) ?? 0);
    if (stay > 0) staying.push({ podClass, count: stay });
    if (count > stay) planned.push({ podClass, count: count - stay });
  }
  return { source: { kind: 'existing', node }, name: existing.name, resident, staying, planned };
}

/** Pods of each class that may leave a node. */
export function movablePods(existing: PackingProblem['existing'][number]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { podClass, count, canMove } of existing.pods) {
    if (mayLeave(existing, canMove)) counts.set(podClass, (counts.get(podClass) ?? 0) + count);
  }
  return counts;
}

/** The node of a plan as it is before any pod is bound. */
export function placementNode(
  problem: PackingProblem,
  extended: readonly string[],
  { source, name }: NodePlan,
): PlacementNode {
  const shape: NodeShape =
    source.kind === 'offer'
      ? (problem.offers[source.offer] as Offer)
      : (problem.existing[source.node] as PackingProblem['existing'][number]);
  const free = new Float64Array(3 + extended.length);
  writeResources(free, 0, shape.allocatable, shape.podLimit, extended);
  if (source.kind === 'existing') {
    const facts = factsOf(problem.existing[source.node] as PackingProblem['existing'][number]);
    return { ...facts, kind: -1 - source.node, free };
  }
  const facts = { name: '', labels: shape.labels, taints: shape.taints };
  const load = new Float64Array(free.length);
  for (const requests of daemonSetLoad(problem.daemonSets, facts)) {
    writeResources(load, 0, requests, 1, extended);
    load.forEach((taken, r) => {
      free[r] = (free[r] as number) - taken;
    });
  }
  return {
    name,
    labels: { ...shape.labels, [HOSTNAME_LABEL]: name },
    taints: shape.taints,
    kind: source.offer,
    free,
  };
}
