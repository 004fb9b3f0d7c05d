import type { BinTable } from './bin-table.ts';
import type { LinearModel, LinearSolver } from './linear-solver.ts';
import { priceCover } from './price-cover.ts';
import { type Bucket, bucketClasses, bucketFits } from './resource-buckets.ts';

/** What packing costs when nodes and pods may be cut into fractions. */
export interface Relaxation {
  readonly buckets: readonly Bucket[];
  /** Bins that the linear program was given; the rows of `nodes`, `share` and `resourcePrice` follow them. */
  readonly active: readonly number[];
  /** Fractional nodes of each active bin. */
  readonly nodes: Float64Array;
  /** `share[b * active.length + k]`: part of bucket b that goes to active bin k. */
  readonly share: Float64Array;
  /** `resourcePrice[k * resources + r]`: micro-USD an hour for one unit of the resource on active bin k. */
  readonly resourcePrice: Float64Array;
}

const MAX_ROUNDS = 12;
const BINS_PER_ROUND = 10;
const TOLERANCE = 1e-6;
const MOST_BUCKETS = 250;
const COARSE_RATIO_STEPS = 1;

/**
 * Solves the fractional assignment of buckets to bins: for each bin n nodes, for each bucket shares that sum to one,
 * resources within n × capacity, cost Σ n × price least. Only a handful of bins are in an optimum, so the program starts with the
 * cheapest bin of each bucket and grows by bins whose resources, at the prices found, are worth more than the bin costs (column
 * generation by bins, "sifting").
 * @param demand pods of each class; what fits none of `useful` has no share
 * @returns undefined when there is nothing to place, or the solver found no optimum
 */
export function relaxPacking(
  table: BinTable,
  demand: Int32Array,
  useful: Int32Array,
  solve: LinearSolver,
  waste = 0,
  warm: readonly number[] = [],
): Relaxation | undefined {
  let sorted = bucketClasses(table, demand);
  // Zones and groups multiply buckets; the time that the program takes grows faster than their number.
  if (sorted.length > MOST_BUCKETS) sorted = bucketClasses(table, demand, COARSE_RATIO_STEPS);
  const buckets = splitHomeless(table, sorted, useful);
  if (buckets.length === 0 || useful.length === 0) return undefined;
  const active = new Set<number>(warm);
  for (const bucket of buckets) {
    const t = cheapestBin(table, bucket, useful);
    if (t >= 0) active.add(t);
  }
  if (active.size === 0) return undefined;
  for (let round = 1; ; round++) {
    const bins = [...active].sort((a, b) => a - b);
    const relaxation = solveMaster(table, buckets, bins, waste, solve);
    if (!relaxation) return undefined;
    if (round === MAX_ROUNDS) return relaxation;
    const missing = binsWorthMore(table, useful, active, relaxation);
    if (missing.length === 0) return relaxation;
    for (const t of missing) active.add(t);
  }
}

/** Together the classes of a bucket may be too large for every bin although each fits one; then they stand alone. */
function splitHomeless(table: BinTable, buckets: readonly Bucket[], useful: Int32Array): Bucket[] {
  return buckets.flatMap(bucket => {
    if (bucket.classes.length === 1 || useful.some(t => bucketFits(table, bucket, t))) return [bucket];
    return bucket.classes.map(c => {
      const one = table.size.slice(c * table.resources, (c + 1) * table.resources);
      const count = table.demand[c] as number;
      return { group: bucket.group, classes: [c], total: one.map(value => value * count), largest: one };
    });
  });
}

/** Where the fraction of nodes that the bucket alone would take costs least; -1 when it fits nowhere. */
function cheapestBin(table: BinTable, bucket: Bucket, useful: Int32Array): number {
  let best = -1;
  let least = Infinity;
  for (const t of useful) {
    if (!bucketFits(table, bucket, t)) continue;
    const cost = (table.price[t] as number) * nodesAlone(table, bucket, t);
    if (cost < least) {
      least = cost;
      best = t;
    }
  }
  return best;
}

function nodesAlone({ resources, capacity }: BinTable, { total }: Bucket, t: number): number {
  let nodes = 0;
  for (let r = 0; r < resources; r++) {
    if (total[r] === 0) continue;
    nodes = Math.max(nodes, (total[r] as number) / (capacity[t * resources + r] as number));
  }
  return nodes;
}

function solveMaster(
  table: BinTable,
  buckets: readonly Bucket[],
  active: readonly number[],
  waste: number,
  solve: LinearSolver,
): Relaxation | undefined {
  const { model, shareAt, scale } = masterModel(table, buckets, active, waste);
  const solution = solve(model);
  if (!solution) return undefined;
  const { resources } = table;
  const bins = active.length;
  const share = new Float64Array(buckets.length * bins);
  shareAt.forEach((at, column) => {
    share[at] = Math.max(0, solution.primal[bins + column] as number);
  });
  const resourcePrice = new Float64Array(bins * resources);
  for (let at = 0; at < resourcePrice.length; at++) {
    const dual = -(solution.rowDual[buckets.length + at] as number);
    resourcePrice[at] = Math.max(0, dual / (scale[at % resources] as number));
  }
  return { buckets, active, nodes: solution.primal.slice(0, bins), share, resourcePrice };
}

/** Columns: nodes of each bin, then a share for each bucket and bin that fit, then the part of each bucket left out. */
function masterModel(table: BinTable, buckets: readonly Bucket[], active: readonly number[], waste: number) {
  const { resources, capacity, price, limit } = table;
  const rows = buckets.length + active.length * resources;
  const scale = Float64Array.from({ length: resources }, (_, r) =>
    Math.max(1, ...active.map(t => capacity[t * resources + r] as number)),
  );
  const starts: number[] = [0];
  const indices: number[] = [];
  const values: number[] = [];
  const cost: number[] = [];
  const upper: number[] = [];
  const shareAt: number[] = [];
  active.forEach((t, k) => {
    for (let r = 0; r < resources; r++) {
      const free = (capacity[t * resources + r] as number) / (scale[r] as number);
      if (free > 0) {
        indices.push(buckets.length + k * resources + r);
        values.push(-free);
      }
    }
    starts.push(indices.length);
    cost.push(price[t] as number);
    upper.push(limit[t] as number);
  });
  buckets.forEach((bucket, b) => {
    active.forEach((t, k) => {
      if (!bucketFits(table, bucket, t)) return;
      const inflation = 1 + waste * averagePart(table, bucket, t);
      indices.push(b);
      values.push(1);
      for (let r = 0; r < resources; r++) {
        if (bucket.total[r] === 0) continue;
        indices.push(buckets.length + k * resources + r);
        values.push(((bucket.total[r] as number) / (scale[r] as number)) * inflation);
      }
      starts.push(indices.length);
      cost.push(0);
      upper.push(Infinity);
      shareAt.push(b * active.length + k);
    });
  });
  const dearest = Math.max(1, ...active.map(t => price[t] as number));
  buckets.forEach((bucket, b) => {
    indices.push(b);
    values.push(1);
    starts.push(indices.length);
    // More than any sensible way to place it: one node of the dearest kind for each pod.
    cost.push(10 * dearest * (bucket.total[2] as number));
    upper.push(Infinity);
  });
  const rowLower = new Float64Array(rows).fill(-Infinity);
  const rowUpper = new Float64Array(rows);
  rowLower.fill(1, 0, buckets.length);
  rowUpper.fill(1, 0, buckets.length);
  const model: LinearModel = {
    columns: cost.length,
    rows,
    cost: Float64Array.from(cost),
    upper: Float64Array.from(upper),
    rowLower,
    rowUpper,
    starts: Int32Array.from(starts),
    indices: Int32Array.from(indices),
    values: Float64Array.from(values),
  };
  return { model, shareAt, scale };
}

/** Part of a node of bin t that an average pod of the bucket takes, in the resource it takes most of. */
function averagePart(table: BinTable, bucket: Bucket, t: number): number {
  return nodesAlone(table, bucket, t) / (bucket.total[2] as number);
}

/** Bins outside the program that its prices do not rule out, most promising first. */
function binsWorthMore(
  table: BinTable,
  useful: Int32Array,
  active: ReadonlySet<number>,
  relaxation: Relaxation,
): number[] {
  const cover = priceCover(table, relaxation);
  const found: { t: number; worth: number }[] = [];
  for (const t of useful) {
    if (active.has(t)) continue;
    const price = table.price[t] as number;
    const enough = table.limit[t] === Infinity ? price * (1 + TOLERANCE) : price;
    const { worth } = cover(t, enough);
    if (worth > enough) {
      found.push({ t, worth: worth / Math.max(price, 1) });
    }
  }
  return found
    .sort((a, b) => b.worth - a.worth || a.t - b.t)
    .slice(0, BINS_PER_ROUND)
    .map(({ t }) => t);
}
