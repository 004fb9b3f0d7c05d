import type { PriceSteps } from '../../../../common/contracts/index.ts';

/** A step function to draw: `values[i]` holds from second `atS[i]` until the next step, a hole or `endS`. */
export interface StepLine {
  readonly id: string;
  readonly label: string;
  readonly atS: Float64Array;
  readonly values: Float64Array;
  /** Begin and end of each hole in seconds, ascending. */
  readonly holesS: Float64Array;
  /** Up to where the last value holds. */
  readonly endS: number;
  /** CSS colour, resolved. */
  readonly colour: string;
}

/** Steps as they come from the server, as a line in USD. A hole that reaches the end stays one. */
export function stepLineOf(
  steps: PriceSteps,
  { label, colour, endS }: { readonly label: string; readonly colour: string; readonly endS: number },
): StepLine {
  const atS = new Float64Array(steps.atS.length);
  let at = 0;
  for (const [index, difference] of steps.atS.entries()) {
    at += difference;
    atS[index] = at;
  }
  return {
    id: steps.pool,
    label,
    colour,
    endS,
    atS,
    values: Float64Array.from(steps.price, price => price / 1e6),
    holesS: Float64Array.from(steps.holes),
  };
}

/** Place of the last number that is at most `wanted`; −1 where there is none. `sorted` ascends. */
export function placeAt(sorted: ArrayLike<number>, wanted: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The value in force at a second and since when; `undefined` before the first step, in a hole and after the end. */
export function inForce(line: StepLine, second: number): { value: number; sinceS: number } | undefined {
  const place = placeAt(line.atS, second);
  if (place < 0 || second > line.endS || isInHole(line, second)) return undefined;
  return { value: line.values[place] ?? 0, sinceS: line.atS[place] ?? 0 };
}

/** Whether a second lies in a hole. */
function isInHole({ holesS }: StepLine, second: number): boolean {
  const place = placeAt(holesS, second);
  return place >= 0 && place % 2 === 0;
}

/** Lowest and highest value in force anywhere in `[fromS, toS]`; `undefined` where there is none. */
export function rangeWithin(
  { atS, values, endS }: StepLine,
  fromS: number,
  toS: number,
): { low: number; high: number } | undefined {
  if (endS < fromS) return undefined;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let place = Math.max(0, placeAt(atS, fromS)); place < atS.length; place++) {
    if ((atS[place] ?? 0) > toS) break;
    const value = values[place] ?? 0;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? { low, high } : undefined;
}
