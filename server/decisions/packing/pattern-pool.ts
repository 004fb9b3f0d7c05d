import { type BinTable, fitsEmpty } from './bin-table.ts';

/** What one node of a bin holds: pods of each row, in the order of the rows. */
export interface Pattern {
  readonly t: number;
  readonly pods: Int32Array;
}

/** Sets of pods tried for one bin before the best so far is taken. */
const MOST_TRIES = 3_000;

/**
 * The set of pods that fits a node of bin t and is worth most: depth first over the classes by worth for what they take, as many as fit first,
 * cut where even the best use of what is left cannot win. Exact unless it runs out of tries.
 * @param rows classes to choose from
 * @param value worth of one pod of each row
 * @param most pods of each row that there are
 * @returns undefined when nothing that fits is worth anything
 */
export function mostValuablePattern(
  table: BinTable,
  t: number,
  rows: readonly number[],
  value: Float64Array,
  most: Int32Array,
): { pattern: Pattern; worth: number } | undefined {
  const { resources, size, capacity, perNode } = table;
  const candidates = rows
    .map((c, row) => ({ c, row, density: 0 }))
    .filter(
      ({ c, row }) => (value[row] as number) > 0 && (most[row] as number) > 0 && fitsEmpty(table, c, t),
    );
  for (const candidate of candidates) {
    let part = 0;
    for (let r = 0; r < resources; r++) {
      const whole = capacity[t * resources + r] as number;
      if (whole > 0) part = Math.max(part, (size[candidate.c * resources + r] as number) / whole);
    }
    candidate.density = (value[candidate.row] as number) / part;
  }
  candidates.sort((a, b) => b.density - a.density || a.row - b.row);
  const free = capacity.slice(t * resources, (t + 1) * resources);
  const taken = new Int32Array(candidates.length);
  let best = new Int32Array(candidates.length);
  let bestWorth = 0;
  let tries = 0;
  descend(0, 0);
  if (bestWorth === 0) return undefined;
  const pods = new Int32Array(rows.length);
  candidates.forEach(({ row }, i) => {
    pods[row] = best[i] as number;
  });
  return { pattern: { t, pods }, worth: bestWorth };

  function descend(i: number, worth: number): void {
    if (worth > bestWorth) {
      bestWorth = worth;
      best = taken.slice();
    }
    const candidate = candidates[i];
    if (!candidate || ++tries > MOST_TRIES) return;
    // Every later pod brings at most this much for the scarcest resource that is left.
    if (worth + candidate.density * largestPart() <= bestWorth) return;
    const { c, row } = candidate;
    let count = Math.min(most[row] as number, perNode[c] as number);
    for (let r = 0; r < resources; r++) {
      const one = size[c * resources + r] as number;
      if (one > 0) count = Math.min(count, Math.floor((free[r] as number) / one));
    }
    for (let k = count; k >= 0; k--) {
      take(c, k);
      taken[i] = k;
      descend(i + 1, worth + k * (value[row] as number));
      taken[i] = 0;
      take(c, -k);
      if (tries > MOST_TRIES) return;
    }
  }

  function largestPart(): number {
    let sum = 0;
    for (let r = 0; r < resources; r++) {
      const whole = capacity[t * resources + r] as number;
      if (whole > 0) sum += (free[r] as number) / whole;
    }
    return sum;
  }

  function take(c: number, count: number): void {
    for (let r = 0; r < resources; r++) {
      free[r] = (free[r] as number) - count * (size[c * resources + r] as number);
    }
  }
}
