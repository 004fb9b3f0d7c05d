import { binsOf, stabilityIndex } from './stability-index.ts';
import {
  joinSteps,
  levelAutocovariance,
  type StepCounts,
  shareAutocovariance,
  stepCounts,
  type TimedValues,
} from './step-shares.ts';

/** Whether two stretches of time show the same distribution. */
export interface ShiftTest {
  /** Chance of an index this large if nothing had shifted; `undefined` when there are too few independent stretches. */
  readonly p: number | undefined;
  /** Population stability index less what chance alone gives, at least 0; `undefined` with `p`. */
  readonly effect: number | undefined;
  readonly referenceN: number;
  readonly recentN: number;
}

const PERMUTATIONS = 1_999;
/** Permutations that reach the index observed, at which the rest is not worth making. */
const ENOUGH_EXCEEDED = 20;
/** Blocks are at least this many correlation times long. */
const CORRELATION_TIMES = 2;
const FEWEST_BLOCKS = 8;
const MOST_BLOCKS = 80;
const MOST_STEPS = 2_000;

/**
 * Tests whether values of a feature are distributed now as they were, for values that depend on each other: pools at one
 * time move together, and neighbouring times are alike. Whole blocks of consecutive steps are therefore what is exchanged
 * between both stretches, never single values; a block is at least `leastSteps` steps and two correlation times long, the
 * correlation time being estimated from the histograms of the steps themselves. What resemblance neighbouring blocks may
 * have left is divided out of the index observed. Without any dependence the test keeps its level for any size and any ties,
 * since the bins and the blocks do not depend on which value came from where. Where memory leaves fewer than eight blocks on
 * either side, nothing is said.
 *
 * Sources: E. Carlstein, "The use of subseries values for estimating the variance of a general statistic from a stationary
 * sequence", Ann. Stat. 14 (1986), for blocks; A. Sokal, "Monte Carlo methods in statistical mechanics" (1996), section 3, for
 * the correlation time and its window; J. Besag, P. Clifford, "Sequential Monte Carlo p-values", Biometrika 78 (1991).
 * @param random uniform in [0, 1)
 */
export function testShift(
  reference: TimedValues,
  recent: TimedValues,
  leastSteps: number,
  random: () => number,
): ShiftTest {
  const sizes = { referenceN: reference.values.length, recentN: recent.values.length };
  const bins = binsOf(reference.values, recent.values);
  const singles = [stepCounts(reference, bins), stepCounts(recent, bins)];
  const steps = singles.reduce((sum, stretch) => sum + stretch.steps, 0);
  // Finer steps than these tell nothing that blocks of many of them do not.
  const unit = Math.ceil(steps / MOST_STEPS);
  const stretches = singles.map(stretch => joinSteps(stretch, unit));
  const length = Math.max(
    Math.ceil(leastSteps / unit),
    Math.ceil(CORRELATION_TIMES * correlationSteps(stretches)),
    Math.ceil(steps / unit / MOST_BLOCKS),
  );
  const blocks = stretches.map(stretch => joinSteps(stretch, length));
  const [before, now] = blocks;
  if (!before || !now || before.steps < FEWEST_BLOCKS || now.steps < FEWEST_BLOCKS) {
    return { p: undefined, effect: undefined, ...sizes };
  }
  return { ...permute(before, now, remainingResemblance(blocks), random), ...sizes };
}

const measures = [shareAutocovariance, levelAutocovariance];
/** Variances below this are what rounding leaves of values that never change. */
const NO_VARIANCE = 1e-12;

/** Integrated correlation time in steps, at least 1, with Sokal's window of five times itself: the longer one of both measures. */
function correlationSteps(stretches: readonly StepCounts[]): number {
  const longest = stretches.reduce((most, stretch) => Math.max(most, stretch.steps), 0);
  const times = measures.map(measure => {
    const autocovariance = measure(stretches);
    const variance = autocovariance(0);
    let time = 1;
    for (let lag = 1; variance > NO_VARIANCE && lag < longest && lag < 5 * time; lag++) {
      time += (2 * autocovariance(lag)) / variance;
    }
    return time;
  });
  return Math.max(1, ...times);
}

/**
 * How much larger the variance of a mean over blocks may be than if they were independent, at least 1: by twice the
 * correlation of neighbours, taken one standard error (1/√blocks) larger than it looks.
 */
function remainingResemblance(blocks: readonly StepCounts[]): number {
  const count = blocks.reduce((sum, stretch) => sum + stretch.steps, 0);
  const resemblances = measures.map(measure => {
    const autocovariance = measure(blocks);
    const variance = autocovariance(0);
    return variance > NO_VARIANCE ? 1 + 2 * (autocovariance(1) / variance + 1 / Math.sqrt(count)) : 1;
  });
  return Math.max(1, ...resemblances);
}

function permute(
  before: StepCounts,
  now: StepCounts,
  resemblance: number,
  random: () => number,
): { p: number; effect: number } {
  const { bins } = before;
  const all = new Float64Array([...before.counts, ...now.counts]);
  const total = new Float64Array(bins);
  for (let place = 0; place < all.length; place++) {
    total[place % bins] = (total[place % bins] ?? 0) + (all[place] ?? 0);
  }
  const order = Uint32Array.from({ length: before.steps + now.steps }, (_, block) => block);
  const chosen = new Float64Array(bins);
  const rest = new Float64Array(bins);
  /** The index between the last blocks of `order`, as many as are recent, and the others. */
  const indexNow = () => {
    chosen.fill(0);
    for (let at = before.steps; at < order.length; at++) {
      const start = (order[at] ?? 0) * bins;
      for (let bin = 0; bin < bins; bin++) chosen[bin] = (chosen[bin] ?? 0) + (all[start + bin] ?? 0);
    }
    for (let bin = 0; bin < bins; bin++) rest[bin] = (total[bin] ?? 0) - (chosen[bin] ?? 0);
    return stabilityIndex(rest, chosen);
  };
  const observed = indexNow();
  // Sums in another order differ in the last digits: those count as reached.
  const threshold = (observed / resemblance) * (1 - 1e-9) - 1e-12;
  let exceeded = 0;
  let made = 0;
  let sum = 0;
  while (made < PERMUTATIONS && exceeded < ENOUGH_EXCEEDED) {
    for (let at = order.length - 1; at >= before.steps; at--) {
      const other = Math.floor(random() * (at + 1));
      const held = order[at] ?? 0;
      order[at] = order[other] ?? 0;
      order[other] = held;
    }
    const index = indexNow();
    made++;
    sum += index;
    if (index >= threshold) exceeded++;
  }
  const p = exceeded === ENOUGH_EXCEEDED ? exceeded / made : (exceeded + 1) / (made + 1);
  return { p, effect: Math.max(0, observed - sum / made) };
}
