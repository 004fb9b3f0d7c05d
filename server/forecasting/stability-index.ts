/** How values are told apart: tenths of all values together, equal values never, and missing ones as a bin of their own. */
export interface Bins {
  /** Ascending, each once: a value belongs to the bin of the first edge that it is not above. */
  readonly edges: Float64Array;
  readonly count: number;
}

const TENTHS = 10;

/** Bins for two samples together, so that which value came from which sample does not matter for them. */
export function binsOf(first: Float64Array, second: Float64Array): Bins {
  const known = new Float64Array(first.length + second.length);
  let size = 0;
  for (const sample of [first, second]) {
    for (const value of sample) if (!Number.isNaN(value)) known[size++] = value;
  }
  const sorted = known.subarray(0, size).sort();
  const edges = new Set<number>();
  // The last tenth has no edge: it is everything above.
  for (let tenth = 1; tenth < TENTHS && size > 0; tenth++) {
    edges.add(sorted[Math.ceil((tenth * size) / TENTHS) - 1] ?? 0);
  }
  return { edges: Float64Array.from(edges), count: edges.size + 2 };
}

/** The number of the bin of a value; the last one is for NaN. */
export function binOf({ edges, count }: Bins, value: number): number {
  if (Number.isNaN(value)) return count - 1;
  let bin = 0;
  while (bin < edges.length && value > (edges[bin] ?? 0)) bin++;
  return bin;
}

/**
 * Population stability index of two histograms: Σ (p − q) · ln(p / q), the symmetrised Kullback-Leibler divergence; half a
 * count is added to each bin that either one fills, so that an empty bin has a finite answer. 0 is the same, below 0.1 a
 * shift that is commonly held not to matter. For independent samples of sizes n and m of one distribution it goes as
 * (1/n + 1/m) · χ² with bins − 1 degrees of freedom.
 *
 * Sources: N. Siddiqi, "Credit Risk Scorecards" (Wiley 2006), for the index and 0.1; B. Yurdakul, "Statistical Properties of
 * Population Stability Index" (dissertation, Western Michigan University 2018), for its distribution.
 */
export function stabilityIndex(first: Float64Array, second: Float64Array): number {
  let firstSum = 0;
  let secondSum = 0;
  for (let bin = 0; bin < first.length; bin++) {
    const a = first[bin] ?? 0;
    const b = second[bin] ?? 0;
    if (a === 0 && b === 0) continue;
    firstSum += a + 0.5;
    secondSum += b + 0.5;
  }
  let index = 0;
  for (let bin = 0; bin < first.length; bin++) {
    const a = first[bin] ?? 0;
    const b = second[bin] ?? 0;
    if (a === 0 && b === 0) continue;
    const p = (a + 0.5) / firstSum;
    const q = (b + 0.5) / secondSum;
    index += (p - q) * Math.log(p / q);
  }
  return index;
}
