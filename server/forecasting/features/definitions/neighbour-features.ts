import { MS_PER_HOUR } from '../../../../common/units/index.ts';
import { type Feature, type FeatureGroup, logReturn } from '../feature.ts';
import { PRICE_STAYS_KNOWN_MS } from '../market-slice.ts';
import type { Neighbours, PriceFrame } from '../price-frame.ts';

/** How the pool stands to the same type in other AZs, and to other sizes of its family in its AZ. */
export const neighbourFeatures: FeatureGroup = {
  title: 'Other AZs and sizes',
  features: [
    feature(
      'zones_known',
      'count',
      0,
      'AZs in which the price of the type is known, its own included',
      frame => over(frame, frame.neighbours.zones, priceOf, (_, known) => known.length),
    ),
    feature(
      'price_to_lowest_zone',
      'ratio',
      0,
      'The price in force over the lowest of all AZs, less 1',
      frame =>
        over(frame, frame.neighbours.zones, priceOf, (price, known) => price / (known[0] ?? Number.NaN) - 1),
    ),
    feature(
      'price_to_median_zone',
      'ratio',
      0,
      'The price in force over the median of all AZs, its own included, less 1',
      frame => over(frame, frame.neighbours.zones, priceOf, (price, known) => price / medianOf(known) - 1),
    ),
    ...[6, 24].map(hours => returnOfOthers('zones', hours, 'the other AZs')),
    feature(
      'sizes_known',
      'count',
      0,
      'Sizes of the family with a known price and known vCPUs in the AZ, its own included',
      frame => over(frame, frame.neighbours.sizes, perVcpu, (_, known) => known.length),
    ),
    feature(
      'per_vcpu_to_lowest_size',
      'ratio',
      0,
      'Price per vCPU over the lowest of all sizes of the family in the AZ, less 1',
      frame =>
        over(frame, frame.neighbours.sizes, perVcpu, (price, known) => price / (known[0] ?? Number.NaN) - 1),
    ),
    feature(
      'per_vcpu_to_median_size',
      'ratio',
      0,
      'Price per vCPU over the median of all sizes of the family in the AZ, its own included, less 1',
      frame => over(frame, frame.neighbours.sizes, perVcpu, (price, known) => price / medianOf(known) - 1),
    ),
    ...[6, 24].map(hours => returnOfOthers('sizes', hours, 'the other sizes of the family in the AZ')),
  ],
};

function feature(
  name: string,
  unit: string,
  agoMs: number,
  description: string,
  column: (frame: PriceFrame) => Float64Array,
): Feature {
  const lookbackMs = agoMs + PRICE_STAYS_KNOWN_MS;
  return { name, unit, description, lookbackMs, revision: 1, looksAtNeighbours: true, column };
}

function returnOfOthers(kind: keyof Neighbours, hours: number, others: string): Feature {
  const agoMs = hours * MS_PER_HOUR;
  return feature(
    `${kind}_return_${hours}h`,
    'ln',
    agoMs,
    `Median over ${others} of ln(price in force / price ${hours} h before); unknown where none is known`,
    frame => {
      const columns = frame.neighbours[kind].slice(1).map(other => logReturn(other, agoMs));
      return sortedAt(frame.timesMs.length, columns, (_, known) => medianOf(known));
    },
  );
}

/** A figure of the pool's own value and all known ones, ascending; NaN where its own is unknown. */
function over(
  frame: PriceFrame,
  pools: readonly PriceFrame[],
  valuesOf: (frame: PriceFrame) => Float64Array,
  figure: (own: number, known: readonly number[]) => number,
): Float64Array {
  const columns = pools.map(valuesOf);
  const own = valuesOf(frame);
  return sortedAt(frame.timesMs.length, columns, (index, known) => {
    const value = own[index] ?? Number.NaN;
    return Number.isNaN(value) ? Number.NaN : figure(value, known);
  });
}

/** Sorted, so that the order of pools cannot matter. */
function sortedAt(
  count: number,
  columns: readonly Float64Array[],
  figure: (index: number, known: readonly number[]) => number,
): Float64Array {
  const out = new Float64Array(count);
  const known: number[] = [];
  for (let index = 0; index < count; index++) {
    known.length = 0;
    for (const column of columns) {
      const value = column[index] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      let place = known.length;
      known.push(value);
      for (; place > 0 && (known[place - 1] ?? 0) > value; place--) known[place] = known[place - 1] ?? 0;
      known[place] = value;
    }
    out[index] = figure(index, known);
  }
  return out;
}

/** The middle one; the mean of both middle ones of an even number; NaN of none. */
function medianOf(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

function priceOf(frame: PriceFrame): Float64Array {
  return frame.priceAgo(0);
}

function perVcpu(frame: PriceFrame): Float64Array {
  const vcpu = frame.facts.vcpu ?? Number.NaN;
  return frame.priceAgo(0).map(price => price / vcpu);
}
