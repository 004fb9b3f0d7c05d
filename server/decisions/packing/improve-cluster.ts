import { mayLeave } from './compile-problem.ts';
import type { LinearSolver } from './linear-solver.ts';
import { movablePods } from './node-plan.ts';
import { giveUpIf, unlessOutOfTime } from './out-of-time.ts';
import type { PackInTimeOptions } from './pack-problem.ts';
import type { PackingProblem } from './problem.ts';
import { type Rearrangement, rearrange } from './rearrangement.ts';
import { relaxedBound } from './relaxed-bound.ts';

/** What is to be improved, and what more is to be known. */
export interface ImprovementOrder {
  readonly problem: PackingProblem;
  /** A node is replaced only where that saves at least this part of its price: 0…1. */
  readonly minimumSavingShare: number;
  /** Nodes that must stay, of which is asked what could be saved if they could go; by place in `existing`. */
  readonly whatIf: readonly number[];
}

export interface ImprovementOptions extends PackInTimeOptions {
  /** Asked before each what-if. */
  readonly shouldStopAsking: () => boolean;
}

/** A rearrangement at true prices, with a proof of how good it is. */
export interface Improvement {
  readonly rearrangement: Rearrangement;
  /** Of nodes with known prices. */
  readonly costBeforeMicroUsdPerHour: number;
  readonly costAfterMicroUsdPerHour: number;
  /** No set of nodes that holds these pods costs less, even if every node with a known price that may go did; 0 where time ran out. */
  readonly lowerBoundMicroUsdPerHour: number;
  /** For each of `whatIf` in order; `null` where time ran out. */
  readonly savesMicroUsdPerHour: readonly (number | null)[];
}

/**
 * A running cluster made cheaper. Nodes that stay are favoured by `minimumSavingShare`, so that nothing moves for the noise of
 * prices; the bound knows nothing of that favour. What-ifs are answered without search: they are estimates.
 */
export function improveCluster(order: ImprovementOrder, options: ImprovementOptions): Improvement {
  const { problem, minimumSavingShare } = order;
  const favour = (of: PackingProblem): PackingProblem => ({
    ...of,
    existing: of.existing.map(node => ({
      ...node,
      priceMicroUsdPerHour:
        node.priceMicroUsdPerHour === null
          ? null
          : Math.floor(node.priceMicroUsdPerHour * (1 - minimumSavingShare)),
    })),
  });
  const { solve, seed, isTooLate, shouldStopAsking } = options;
  // The bound is about true prices: with those of the favour it would be lower.
  const rearrangement = rearrange(favour(problem), { ...options, withoutBound: true });
  const costAfter = costOf(problem, rearrangement);
  const bound = unlessOutOfTime(() => {
    giveUpIf(isTooLate);
    return boundOf(problem, rearrangement, solve);
  });
  const quick: PackInTimeOptions = {
    solve,
    seed,
    shouldStop: isTooLate,
    isTooLate,
    patience: 0,
    withoutBound: true,
  };
  const plain = order.whatIf.length === 0 ? undefined : rearrange(favour(problem), quick);
  const savesMicroUsdPerHour = order.whatIf.map(place => {
    if (!plain || plain.isOutOfTime || shouldStopAsking()) return null;
    const freed = {
      ...problem,
      existing: problem.existing.map((node, index) =>
        index === place ? { ...node, isRemovable: true } : node,
      ),
    };
    const answer = rearrange(favour(freed), quick);
    if (answer.isOutOfTime) return null;
    return answer.unplaced.length > rearrangement.unplaced.length
      ? 0
      : Math.max(0, costOf(problem, plain) - costOf(freed, answer));
  });
  return {
    rearrangement,
    costBeforeMicroUsdPerHour: sumOf(problem.existing.map(node => node.priceMicroUsdPerHour ?? 0)),
    costAfterMicroUsdPerHour: costAfter,
    lowerBoundMicroUsdPerHour: Math.min(costAfter, bound ?? 0),
    savesMicroUsdPerHour,
  };
}

function costOf({ existing, offers }: PackingProblem, { keep, add }: Rearrangement): number {
  const kept = new Set(keep);
  return (
    sumOf(existing.map(node => (kept.has(node.name) ? (node.priceMicroUsdPerHour ?? 0) : 0))) +
    sumOf(add.map(({ offer }) => offers[offer]?.priceMicroUsdPerHour ?? 0))
  );
}

function boundOf(
  problem: PackingProblem,
  { unplaced }: Rearrangement,
  solve: LinearSolver | undefined,
): number {
  const placed = new Map<number, number>();
  const count = (podClass: number, pods: number) => placed.set(podClass, (placed.get(podClass) ?? 0) + pods);
  problem.pods.forEach((pod, podClass) => {
    if (pod.count > 0) count(podClass, pod.count);
  });
  let sunk = 0;
  for (const node of problem.existing) {
    if (!mayLeave(node, true)) sunk += node.priceMicroUsdPerHour ?? 0;
    for (const [podClass, pods] of movablePods(node)) count(podClass, pods);
  }
  for (const { podClass, count: pods } of unplaced) count(podClass, -pods);
  return sunk + relaxedBound(problem, placed, solve);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
