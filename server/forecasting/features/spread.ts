import type { Memory } from './scratch.ts';

/** How a value stands among those of several pools, one of each for each time. */
export interface Spread {
  /** The pool's own value; NaN where unknown, and the others are too then. */
  readonly own: Float64Array;
  readonly lowest: Float64Array;
  /** The mean of both middle ones of an even number. */
  readonly median: Float64Array;
  /** How many are known. */
  readonly known: Float64Array;
}

/** @param columns a value of each pool for each time; NaN is unknown */
export function spreadOf(own: Float64Array, columns: readonly Float64Array[], memory: Memory): Spread {
  const lowest = memory.floats(own.length).fill(Number.NaN);
  const median = memory.floats(own.length).fill(Number.NaN);
  const known = memory.floats(own.length).fill(Number.NaN);
  const sorted = memory.floats(columns.length);
  for (let index = 0; index < own.length; index++) {
    if (Number.isNaN(own[index])) continue;
    const count = sortKnown(columns, index, sorted);
    lowest[index] = sorted[0] as number;
    median[index] = medianOf(sorted, count);
    known[index] = count;
  }
  return { own, lowest, median, known };
}

/** The median of several pools' values for each time; NaN where none is known. */
export function medianAcross(columns: readonly Float64Array[], length: number, memory: Memory): Float64Array {
  const median = memory.floats(length);
  const sorted = memory.floats(columns.length);
  for (let index = 0; index < length; index++) {
    median[index] = medianOf(sorted, sortKnown(columns, index, sorted));
  }
  return median;
}

/** By insertion: they are few. Sorted, so that the order of pools cannot matter. */
function sortKnown(columns: readonly Float64Array[], index: number, sorted: Float64Array): number {
  let count = 0;
  for (let column = 0; column < columns.length; column++) {
    const value = (columns[column] as Float64Array)[index] as number;
    if (Number.isNaN(value)) continue;
    let place = count++;
    for (; place > 0 && (sorted[place - 1] as number) > value; place--) {
      sorted[place] = sorted[place - 1] as number;
    }
    sorted[place] = value;
  }
  return count;
}

function medianOf(sorted: Float64Array, count: number): number {
  if (count === 0) return Number.NaN;
  const middle = count >> 1;
  const upper = sorted[middle] as number;
  return count % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}
