import { seededRandom } from '../../../common/seeded-random.ts';
import { type BinTable, usefulBins } from './bin-table.ts';
import { constructByPatterns, MOST_PATTERN_CLASSES } from './construct-by-patterns.ts';
import { constructPacking, type Guidance } from './construct-packing.ts';
import { improvePacking } from './improve-packing.ts';
import type { LinearSolver } from './linear-solver.ts';
import { type DualPrices, dualPrices, evenPrices } from './lower-bound.ts';
import type { NodeGroups } from './node-groups.ts';
import { giveUpIf, type LateCheck, unlessOutOfTime } from './out-of-time.ts';
import { relaxPacking } from './relaxation.ts';

export interface PackBinsOptions {
  /** Solves linear programs; without it packing is quicker and dearer, and the bound weak. */
  readonly solve: LinearSolver | undefined;
  readonly seed: number;
  /** Asked between steps; once it says yes, the best packing so far is the answer. */
  readonly shouldStop: () => boolean;
  /** Once it says yes, packing is given up as it is, and nothing is answered; only where there is something to fall back on. */
  readonly isTooLate?: LateCheck;
  /** Steps without gain after which nothing better is expected. */
  readonly patience: number;
  /** Told of every packing that is better than the last, with its cost in micro-USD an hour. */
  readonly report?: (costMicroUsdPerHour: number) => void;
}

export interface PackedBins {
  readonly groups: NodeGroups;
  /** Pods of each class that found no place. */
  readonly left: Int32Array;
  readonly prices: DualPrices;
}

/** Nodes with fewer pods than this waste room that the linear program does not see. */
const FEW_PODS = 24;
/** Steps of the search that gain most there for their time, being small; they are part of every answer. */
const FIRST_STEPS = [2, 6];

/** With more classes a second try costs more time than it saves money, when an answer is wanted at once. */
const MANY_CLASSES = 600;

/** Packs all pods onto bins, cheaply, with prices that prove a lower bound. The same input and seed give the same answer unless stopped. */
export function packBins(table: BinTable, options: PackBinsOptions): PackedBins {
  const { shouldStop, isTooLate, seed, patience } = options;
  // Also when time is up: a linear program packs most pods in less time than nodes are filled one by one.
  const solve = options.solve && inTime(options.solve, isTooLate);
  const useful = usefulBins(table);
  const relaxation = solve && relaxPacking(table, table.demand, useful, solve);
  const prices = relaxation ? dualPrices(table, useful, relaxation) : evenPrices(table, useful);
  const order = byValue(prices.value);
  const rank = new Int32Array(table.classes);
  order.forEach((c, place) => {
    rank[c] = place;
  });
  const guidance: Guidance = {
    value: prices.value,
    order,
    rank,
    useful,
    likely: relaxation ? relaxation.active.filter((_, k) => (relaxation.nodes[k] as number) > 1e-6) : [],
    solve,
    isTooLate,
    shouldStop,
  };
  const nodes = relaxation ? relaxation.nodes.reduce((sum, count) => sum + count, 0) : 0;
  const all = table.demand.reduce((sum, count) => sum + count, 0);
  const isCoarse = all / nodes < FEW_PODS;
  const wastes = !solve ? [0] : isCoarse ? [0.15, 0.2] : [0, 0.05];
  const tried = patience === 0 && table.classes > MANY_CLASSES ? wastes.slice(0, 1) : wastes;
  const constructions = tried.map(
    waste => (left: Int32Array, by: Guidance) => constructPacking(table, left, waste, by, relaxation),
  );
  if (solve && table.classes <= MOST_PATTERN_CLASSES) {
    constructions.push((left, by) => constructByPatterns(table, left, { ...by, solve: by.solve ?? solve }));
  }
  // What there is an answer without is given up when time is up.
  const hurried: Guidance = { ...guidance, isTooLate: shouldStop, solve: solve && inTime(solve, shouldStop) };
  let best: { groups: NodeGroups; left: Int32Array } | undefined;
  for (const construct of constructions) {
    const left = table.demand.slice();
    const isFirst = best === undefined;
    const groups = isFirst ? construct(left, guidance) : unlessOutOfTime(() => construct(left, hurried));
    giveUpIf(isTooLate);
    if (!groups) break;
    if (best && !isBetter({ groups, left }, best)) continue;
    best = { groups, left };
    options.report?.(groups.cost());
  }
  let { groups, left } = best as { groups: NodeGroups; left: Int32Array };
  const random = seededRandom(seed);
  /** @returns whether it made anything better; `undefined` when time ran out */
  const take = (step: number): boolean | undefined => {
    if (shouldStop()) return undefined;
    const improvement = unlessOutOfTime(() => improvePacking(groups, hurried, step, random));
    giveUpIf(isTooLate);
    if (!improvement) return undefined;
    groups = improvement.groups;
    if (improvement.isBetter) options.report?.(groups.cost());
    return improvement.isBetter;
  };
  for (const step of solve && isCoarse ? FIRST_STEPS : []) take(step);
  let idle = 0;
  for (let step = 0; solve && idle < patience; step++) {
    const isBetterNow = take(step);
    if (isBetterNow === undefined) break;
    idle = isBetterNow ? 0 : idle + 1;
  }
  return { groups, left, prices };
}

/** A linear program takes a while, so it is not begun when time is up. */
function inTime(solve: LinearSolver, isTooLate: LateCheck): LinearSolver {
  return model => {
    giveUpIf(isTooLate);
    return solve(model);
  };
}

function isBetter(
  a: { groups: NodeGroups; left: Int32Array },
  b: { groups: NodeGroups; left: Int32Array },
): boolean {
  const pods = (left: Int32Array) => left.reduce((sum, count) => sum + count, 0);
  return pods(a.left) < pods(b.left) || (pods(a.left) === pods(b.left) && a.groups.cost() < b.groups.cost());
}

/**
 * Classes, most valuable first, without a comparison function, which takes a third of the time when all pods differ: each value becomes a step, as
 * fine as fits beside the number of the class into the 53 bits of a double.
 */
function byValue(value: Float64Array): Int32Array {
  const most = value.reduce((a, b) => Math.max(a, b), 1);
  const numbers = 2 ** Math.ceil(Math.log2(value.length + 1));
  const steps = 2 ** 52 / numbers;
  const keys = value.map((worth, c) => Math.round((1 - worth / most) * steps) * numbers + c).sort();
  return Int32Array.from(keys, key => key % numbers);
}
