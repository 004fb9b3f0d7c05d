import { usefulBins } from './bin-table.ts';
import { compileProblem } from './compile-problem.ts';
import type { LinearSolver } from './linear-solver.ts';
import { dualPrices, evenPrices, lowerBound } from './lower-bound.ts';
import type { PackingProblem } from './problem.ts';
import { relaxPacking } from './relaxation.ts';

/**
 * Least cost of placing so many pods of each class when all rules between pods are dropped, and only what decides about a node stands: requests,
 * selectors, node affinity, taints, zones of volumes. What holds without a rule holds with it.
 * @returns micro-USD an hour, nodes that stay anyway not counted
 */
export function relaxedBound(
  problem: PackingProblem,
  placed: ReadonlyMap<number, number>,
  solve: LinearSolver | undefined,
): number {
  const { table, parts } = compileProblem({
    ...problem,
    pods: problem.pods.map(pod => ({
      ...pod,
      rules: { ...pod.rules, hostPorts: [], podAffinity: [], podAntiAffinity: [], topologySpread: [] },
    })),
  });
  const demand = Int32Array.from(parts, ({ podClass }) => placed.get(podClass) ?? 0);
  const useful = usefulBins(table);
  const relaxation = solve && relaxPacking(table, demand, useful, solve);
  const prices = relaxation ? dualPrices(table, useful, relaxation) : evenPrices(table, useful);
  return lowerBound(prices, demand);
}

/** Least cost of so many pods of each class, micro-USD an hour. */
export type BoundOf = (placed: ReadonlyMap<number, number>) => number;

/** The bounds of a problem, each worked out once: answers to one problem mostly place the same pods. */
export function boundsOf(problem: PackingProblem, solve: LinearSolver | undefined): BoundOf {
  const known = new Map<string, number>();
  return placed => {
    const key = problem.pods.map((_, podClass) => placed.get(podClass) ?? 0).join();
    const bound = known.get(key) ?? relaxedBound(problem, placed, solve);
    known.set(key, bound);
    return bound;
  };
}
