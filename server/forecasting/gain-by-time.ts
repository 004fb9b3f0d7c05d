import { type DieboldMariano, dieboldMariano } from './diebold-mariano.ts';

/**
 * Mean gains of all points of a time, times ascending. Pools move together, so their points at one time are one observation.
 * @param gainOf loss of the baseline less loss of the model
 */
function gainsByTime<Point extends { readonly madeAt: number }>(
  points: readonly Point[],
  gainOf: (point: Point) => number,
  weightOf: (point: Point) => number = () => 1,
): number[] {
  const sums = new Map<number, { sum: number; weight: number }>();
  for (const point of points) {
    const at = sums.get(point.madeAt) ?? { sum: 0, weight: 0 };
    const weight = weightOf(point);
    at.sum += weight * gainOf(point);
    at.weight += weight;
    sums.set(point.madeAt, at);
  }
  return [...sums]
    .filter(([, { weight }]) => weight > 0)
    .sort(([a], [b]) => a - b)
    .map(([, { sum, weight }]) => sum / weight);
}

/** One-sided Diebold-Mariano test at 5 % of "the gain is not above zero". */
export function isSignificant(test: DieboldMariano | undefined): boolean {
  return test !== undefined && test.p < 0.05;
}

/** `dieboldMariano` of mean gains by time. @param stepsAhead horizon in steps between made-at times */
export function testGains<Point extends { readonly madeAt: number }>(
  points: readonly Point[],
  gainOf: (point: Point) => number,
  stepsAhead: number,
  weightOf?: (point: Point) => number,
): DieboldMariano | undefined {
  return dieboldMariano(gainsByTime(points, gainOf, weightOf), stepsAhead);
}
