import { offeredNodes } from './broken-preferences.ts';
import { type CountedPods, type NodePlan, placementNode } from './node-plan.ts';
import { nodeRefusal } from './node-rules.ts';
import { kindsOf, PreferenceCounts } from './preference-counts.ts';
import type { PackingProblem, PodClass } from './problem.ts';

/** Places that are looked at before what was found is taken. */
const MOST_LOOKS = 20_000;

/**
 * The same nodes with pods exchanged for room: a pod that misses a wish goes to a node with room where it misses fewer. Only wishes and the rules
 * for nodes are looked at; whoever uses the plans has them bound by all rules.
 * @param plans as bound
 * @param sizes request of one pod of each class
 * @returns undefined when nothing was found
 */
export function fulfilWishes(
  problem: PackingProblem,
  plans: readonly NodePlan[],
  sizes: readonly Float64Array[],
  extended: readonly string[],
): NodePlan[] | undefined {
  const { pods } = problem;
  const hasWishes = pods.map(pod => kindsOf(pod).length > 0);
  if (!hasWishes.includes(true)) return undefined;
  const nodes = plans.map(plan => placementNode(problem, extended, plan));
  const all = plans.map(({ resident, staying, planned }) => [...resident, ...staying, ...planned]);
  all.forEach((mine, n) => {
    for (const { podClass, count } of mine) take(podClass, n, count);
  });
  const counts = new PreferenceCounts(pods, nodes, all, offeredNodes(problem));
  if (counts.broken().length === 0) return undefined;
  const planned = plans.map(plan => new Map(plan.planned.map(({ podClass, count }) => [podClass, count])));
  let looks = 0;
  let moved = false;
  plans.forEach((plan, n) => {
    for (const { podClass, count } of plan.planned) {
      if (!hasWishes[podClass]) continue;
      for (let i = 0; i < count && looks < MOST_LOOKS; i++) {
        const better = betterNode(podClass, n);
        if (better < 0) break;
        counts.move(podClass, n, better);
        take(podClass, n, -1);
        take(podClass, better, 1);
        shift(planned[n] as Map<number, number>, podClass, -1);
        shift(planned[better] as Map<number, number>, podClass, 1);
        moved = true;
      }
    }
  });
  if (!moved) return undefined;
  return plans.map((plan, n) => ({
    ...plan,
    planned: [...(planned[n] as Map<number, number>)]
      .filter(([, count]) => count > 0)
      .map(([podClass, count]): CountedPods => ({ podClass, count })),
  }));

  function betterNode(c: number, n: number): number {
    let least = counts.penalty(c, n, true);
    let best = -1;
    for (let m = 0; m < nodes.length && least > 0 && looks < MOST_LOOKS; m++) {
      if (m === n || !isOpen(c, m)) continue;
      looks++;
      const penalty = counts.penalty(c, m, false);
      if (penalty >= least) continue;
      least = penalty;
      best = m;
    }
    return best;
  }

  function isOpen(c: number, n: number): boolean {
    const node = nodes[n] as (typeof nodes)[number];
    const size = sizes[c] as Float64Array;
    return (
      size.every((one, r) => one === 0 || one <= (node.free[r] as number)) &&
      nodeRefusal((pods[c] as PodClass).rules, node) === undefined
    );
  }

  function take(c: number, n: number, count: number): void {
    const { free } = nodes[n] as (typeof nodes)[number];
    (sizes[c] as Float64Array).forEach((one, r) => {
      free[r] = (free[r] as number) - one * count;
    });
  }
}

function shift(counts: Map<number, number>, c: number, by: number): void {
  counts.set(c, (counts.get(c) ?? 0) + by);
}
