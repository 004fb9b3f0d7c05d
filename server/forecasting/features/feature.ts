import type { PriceFrame } from './price-frame.ts';

/** One entry of the feature catalog: a pure function of what was known at a time. */
export interface Feature {
  readonly name: string;
  /** `USD/h`, `ratio`, `ln`, `h`, `count`, `share`, `1`, `vCPU`, `GiB`, `%`. */
  readonly unit: string;
  readonly description: string;
  /** How far before the time it looks. */
  readonly lookbackMs: number;
  /** Grows when the meaning changes, so that kept predictions say what they were made from. */
  readonly revision: number;
  /** Whether it looks at other pools too, so that their prices are needed. */
  readonly looksAtNeighbours: boolean;
  /** A value for each time of the frame; NaN where it is unknown. */
  column(frame: PriceFrame): Float64Array;
}

/** Features of one kind, as the guide lists them. */
export interface FeatureGroup {
  readonly title: string;
  readonly features: readonly Feature[];
}

/** Each price over the price in force, less 1. */
export function toLast(prices: Float64Array, frame: PriceFrame): Float64Array {
  const last = frame.priceAgo(0);
  const out = new Float64Array(last.length);
  for (let index = 0; index < out.length; index++) {
    out[index] = (prices[index] as number) / (last[index] as number) - 1;
  }
  return out;
}

/** ln(price in force / price `agoMs` before). */
export function logReturn(frame: PriceFrame, agoMs: number): Float64Array {
  const last = frame.priceAgo(0);
  const before = frame.priceAgo(agoMs);
  const out = new Float64Array(last.length);
  for (let index = 0; index < out.length; index++) {
    const [now, then] = [last[index] as number, before[index] as number];
    // The logarithm is what costs time here, and prices mostly rest.
    out[index] = now === then ? 0 : Math.log(now / then);
  }
  return out;
}
