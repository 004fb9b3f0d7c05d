import { type Bins, binOf } from './stability-index.ts';

/** Values of one feature over a stretch of time: any number of rows (pools) at each of ascending times. */
export interface TimedValues {
  /** One for each value, never descending. */
  readonly timesMs: Float64Array;
  /** NaN is missing. */
  readonly values: Float64Array;
}

/** Histograms of a stretch of time, one for each of its steps. */
export interface StepCounts {
  readonly steps: number;
  readonly bins: number;
  /** `steps × bins` */
  readonly counts: Float64Array;
}

/** One histogram for each distinct time. */
export function stepCounts({ timesMs, values }: TimedValues, bins: Bins): StepCounts {
  let steps = 0;
  for (let row = 0; row < timesMs.length; row++) if (row === 0 || timesMs[row] !== timesMs[row - 1]) steps++;
  const counts = new Float64Array(steps * bins.count);
  let step = -1;
  for (let row = 0; row < timesMs.length; row++) {
    if (row === 0 || timesMs[row] !== timesMs[row - 1]) step++;
    const place = step * bins.count + binOf(bins, values[row] ?? Number.NaN);
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return { steps, bins: bins.count, counts };
}

/** Histograms of `length` steps each, together; steps that fill no whole one are left out at the old end. */
export function joinSteps({ steps, bins, counts }: StepCounts, length: number): StepCounts {
  const joined = Math.floor(steps / length);
  const out = new Float64Array(joined * bins);
  const skipped = steps - joined * length;
  for (let step = 0; step < joined * length; step++) {
    const to = Math.floor(step / length) * bins;
    const from = (skipped + step) * bins;
    for (let bin = 0; bin < bins; bin++) out[to + bin] = (out[to + bin] ?? 0) + (counts[from + bin] ?? 0);
  }
  return { steps: joined, bins, counts: out };
}

/**
 * How much steps of histograms resemble the one `lag` steps before: the sum over bins of the autocovariance of the bin's share,
 * each divided by the bin's share of all, as the χ² statistic weighs them. Each stretch is taken about its own mean, so that a
 * shift between them is not mistaken for memory. Divided by the number of steps of all stretches.
 */
export function shareAutocovariance(stretches: readonly StepCounts[]): (lag: number) => number {
  const shares = stretches.map(sharesOf);
  const all = meanShares(shares);
  const roots = all.map(share => (share > 0 ? 1 / Math.sqrt(share) : 0));
  const centred = shares.map(stretch => {
    const own = meanShares([stretch]);
    const { bins } = stretch;
    const values = stretch.counts.map(
      (share, place) => (share - (own[place % bins] ?? 0)) * (roots[place % bins] ?? 0),
    );
    return { values, width: bins };
  });
  return lag => meanProduct(centred, lag);
}

/**
 * The same for the mean place of the values alone, low bins against high ones: a shift of the level moves slowest of all, and
 * the sum over bins would hide it. Missing values have no place.
 */
export function levelAutocovariance(stretches: readonly StepCounts[]): (lag: number) => number {
  const centred = stretches.map(stretch => {
    const levels = levelsOf(stretch);
    const mean = levels.reduce((sum, level) => sum + level, 0) / levels.length;
    return { values: levels.map(level => level - mean), width: 1 };
  });
  return lag => meanProduct(centred, lag);
}

/** Mean over steps of the product of each step's values with those `lag` steps before. */
function meanProduct(stretches: readonly { values: Float64Array; width: number }[], lag: number): number {
  let sum = 0;
  let steps = 0;
  for (const { values, width } of stretches) {
    steps += values.length / width;
    const back = lag * width;
    for (let place = back; place < values.length; place++) {
      sum += (values[place] ?? 0) * (values[place - back] ?? 0);
    }
  }
  return sum / steps;
}

function levelsOf({ steps, bins, counts }: StepCounts): Float64Array {
  const levels = new Float64Array(steps);
  for (let step = 0; step < steps; step++) {
    let rows = 0;
    let places = 0;
    for (let bin = 0; bin < bins - 1; bin++) {
      const count = counts[step * bins + bin] ?? 0;
      rows += count;
      places += count * bin;
    }
    levels[step] = rows === 0 ? (bins - 2) / 2 : places / rows;
  }
  return levels;
}

function sharesOf({ steps, bins, counts }: StepCounts): StepCounts {
  const shares = new Float64Array(counts.length);
  for (let step = 0; step < steps; step++) {
    let rows = 0;
    for (let bin = 0; bin < bins; bin++) rows += counts[step * bins + bin] ?? 0;
    for (let bin = 0; bin < bins; bin++) shares[step * bins + bin] = (counts[step * bins + bin] ?? 0) / rows;
  }
  return { steps, bins, counts: shares };
}

function meanShares(stretches: readonly StepCounts[]): Float64Array {
  const means = new Float64Array(stretches[0]?.bins ?? 0);
  const steps = stretches.reduce((sum, stretch) => sum + stretch.steps, 0);
  for (const stretch of stretches) {
    for (let place = 0; place < stretch.counts.length; place++) {
      const bin = place % stretch.bins;
      means[bin] = (means[bin] ?? 0) + (stretch.counts[place] ?? 0) / steps;
    }
  }
  return means;
}
