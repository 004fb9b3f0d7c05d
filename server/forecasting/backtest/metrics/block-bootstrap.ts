/** Where a figure lies with 95 % confidence. */
export interface ConfidenceInterval {
  readonly lower: number;
  readonly upper: number;
}

const REPLICATES = 1_000;
const LEVEL = 0.95;
/** Fewer blocks than this resample the same few pieces again and again, and look more certain than they are. */
const FEWEST_BLOCKS = 4;

/**
 * Percentile interval of a statistic of sums over time by the circular block bootstrap: blocks of neighbouring times are
 * drawn with replacement until there are as many times as before, so that what neighbours share stays in. Sums of blocks come from
 * running totals, so that a replicate costs one step for each block.
 *
 * Source: D. N. Politis, J. P. Romano, "A circular block-resampling procedure for stationary data", in: Exploring the Limits
 * of Bootstrap, Wiley (1992) 263–270.
 * @param columns series of equal length, evenly spaced in time
 * @param statistic of one sum for each column
 * @param blockLength in times; at least the horizon, because errors within it overlap
 * @param random uniform in [0, 1)
 * @returns `undefined` when there are fewer than four blocks, or a replicate has no value
 */
export function blockBootstrap(
  columns: readonly Float64Array[],
  statistic: (sums: Float64Array) => number,
  blockLength: number,
  random: () => number,
): ConfidenceInterval | undefined {
  const count = columns[0]?.length ?? 0;
  const length = Math.max(1, Math.round(blockLength));
  if (count < FEWEST_BLOCKS * length) return undefined;
  const totals = columns.map(runningTotals);
  const sums = new Float64Array(columns.length);
  const values = new Float64Array(REPLICATES);
  for (let replicate = 0; replicate < REPLICATES; replicate++) {
    sums.fill(0);
    for (let drawn = 0; drawn < count; drawn += length) {
      const from = Math.floor(random() * count);
      const to = from + Math.min(length, count - drawn);
      for (const [index, total] of totals.entries()) {
        const wrapped = to > count ? (total[to - count] ?? 0) + (total[count] ?? 0) : (total[to] ?? 0);
        sums[index] = (sums[index] ?? 0) + wrapped - (total[from] ?? 0);
      }
    }
    values[replicate] = statistic(sums);
  }
  if (!values.every(Number.isFinite)) return undefined;
  values.sort();
  const at = (share: number) => values[Math.round(share * (REPLICATES - 1))] ?? Number.NaN;
  return { lower: at((1 - LEVEL) / 2), upper: at((1 + LEVEL) / 2) };
}

function runningTotals(column: Float64Array): Float64Array {
  const totals = new Float64Array(column.length + 1);
  for (let index = 0; index < column.length; index++) {
    totals[index + 1] = (totals[index] ?? 0) + (column[index] ?? 0);
  }
  return totals;
}
