import { brokenPreferences } from './broken-preferences.ts';
import { mayLeave } from './compile-problem.ts';
import { movablePods } from './node-plan.ts';
import { type PackInTimeOptions, packInTime } from './pack-problem.ts';
import type { PackingAnswer, UnplacedPods } from './packing-answer.ts';
import type { PackingProblem } from './problem.ts';

/** Pods of one class that go from a node to another; from nowhere when they are pending. */
export interface PodMoves {
  readonly podClass: number;
  readonly from: string | null;
  readonly to: string;
  readonly count: number;
}

/** A running cluster made cheaper: m nodes go, n come. */
export interface Rearrangement {
  /** Names of nodes that stay, and of those that go. */
  readonly keep: readonly string[];
  readonly remove: readonly string[];
  readonly add: readonly { readonly name: string; readonly offer: number }[];
  readonly moves: readonly PodMoves[];
  readonly unplaced: readonly UnplacedPods[];
  /** Of nodes whose price is known. */
  readonly costBeforeMicroUsdPerHour: number;
  readonly costAfterMicroUsdPerHour: number;
  readonly lowerBoundMicroUsdPerHour: number;
  /** An order in which kube-scheduler accepts the pods that move. */
  readonly bindings: PackingAnswer['bindings'];
  /** Preferences that pods do not have afterwards. */
  readonly brokenPreferences: PackingAnswer['brokenPreferences'];
  /** Nothing changes only because there was no time to find anything. */
  readonly isOutOfTime: boolean;
}

/**
 * The cheapest set of kept and new nodes for what runs and what is pending. A removable node is in competition with what can be bought, at its
 * own price, and is worth keeping only if its pods would cost more elsewhere; any number of nodes may go for any number of new ones. Nothing is changed
 * unless that saves money or places pods that are pending, nor when it is too late before there is a first answer.
 */
export function rearrange(problem: PackingProblem, options: PackInTimeOptions): Rearrangement {
  const before = problem.existing.reduce(
    (sum, { priceMicroUsdPerHour }) => sum + (priceMicroUsdPerHour ?? 0),
    0,
  );
  const answer = packInTime(problem, options);
  if (!answer) return unchanged(problem, before, undefined);
  const hasPending = problem.pods.some(({ count }) => count > 0);
  if (!hasPending && (answer.costMicroUsdPerHour >= before || answer.unplaced.length > 0)) {
    return unchanged(problem, before, answer);
  }
  const kept = new Set(
    answer.nodes.filter(({ source }) => source.kind === 'existing').map(({ name }) => name),
  );
  return {
    keep: problem.existing.filter(({ name }) => kept.has(name)).map(({ name }) => name),
    remove: problem.existing.filter(({ name }) => !kept.has(name)).map(({ name }) => name),
    add: answer.nodes.flatMap(({ source, name }) =>
      source.kind === 'offer' ? [{ name, offer: source.offer }] : [],
    ),
    moves: movesOf(problem, answer),
    unplaced: answer.unplaced,
    costBeforeMicroUsdPerHour: before,
    costAfterMicroUsdPerHour: answer.costMicroUsdPerHour,
    lowerBoundMicroUsdPerHour: answer.lowerBoundMicroUsdPerHour,
    bindings: answer.bindings,
    brokenPreferences: answer.brokenPreferences,
    isOutOfTime: false,
  };
}

function unchanged(
  problem: PackingProblem,
  costMicroUsdPerHour: number,
  answer: PackingAnswer | undefined,
): Rearrangement {
  return {
    keep: problem.existing.map(({ name }) => name),
    remove: [],
    add: [],
    moves: [],
    unplaced: problem.pods.flatMap(({ count }, podClass) =>
      count > 0 ? [{ podClass, count, reason: 'Time ran out before a place was found.' }] : [],
    ),
    costBeforeMicroUsdPerHour: costMicroUsdPerHour,
    costAfterMicroUsdPerHour: costMicroUsdPerHour,
    lowerBoundMicroUsdPerHour: Math.min(costMicroUsdPerHour, answer?.lowerBoundMicroUsdPerHour ?? 0),
    bindings: [],
    brokenPreferences: answer ? brokenPreferences(problem, asTheyAre(problem)) : [],
    isOutOfTime: answer === undefined,
  };
}

function asTheyAre({ existing }: PackingProblem): PackingAnswer['nodes'] {
  return existing.map(({ name, pods }, node) => ({
    source: { kind: 'existing', node },
    name,
    count: 1,
    pods,
  }));
}

/** Pairs what leaves with what arrives, class by class; which pod of a class goes where makes no difference. */
function movesOf(problem: PackingProblem, answer: PackingAnswer): PodMoves[] {
  const after = new Map(answer.nodes.map(({ name, pods }) => [name, countsOf(pods)]));
  const leaving = problem.pods.map((): { from: string | null; count: number }[] => []);
  const arriving = problem.pods.map((): { to: string; count: number }[] => []);
  for (const existing of problem.existing) {
    const resident = countsOf(existing.pods.filter(({ canMove }) => !mayLeave(existing, canMove)));
    for (const [podClass, count] of movablePods(existing)) {
      const there = (after.get(existing.name)?.get(podClass) ?? 0) - (resident.get(podClass) ?? 0);
      if (count > there) leaving[podClass]?.push({ from: existing.name, count: count - Math.max(0, there) });
    }
  }
  problem.pods.forEach(({ count }, podClass) => {
    if (count > 0) leaving[podClass]?.push({ from: null, count });
  });
  const before = new Map(problem.existing.map(({ name, pods }) => [name, countsOf(pods)]));
  for (const [to, pods] of after) {
    for (const [podClass, count] of pods) {
      const here = before.get(to)?.get(podClass) ?? 0;
      if (count > here) arriving[podClass]?.push({ to, count: count - here });
    }
  }
  return problem.pods.flatMap((_, podClass) => {
    const moves: PodMoves[] = [];
    const sources = leaving[podClass] ?? [];
    for (const { to, count } of arriving[podClass] ?? []) {
      let left = count;
      while (left > 0) {
        const [source] = sources;
        if (!source) break;
        const moved = Math.min(left, source.count);
        moves.push({ podClass, from: source.from, to, count: moved });
        source.count -= moved;
        left -= moved;
        if (source.count === 0) sources.shift();
      }
    }
    return moves;
  });
}

function countsOf(
  pods: readonly { readonly podClass: number; readonly count: number }[],
): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { podClass, count } of pods) counts.set(podClass, (counts.get(podClass) ?? 0) + count);
  return counts;
}
