/** Below this a share stands at the edge: it has no logarithm at zero. */
const SMALLEST = 1e-4;
const DECADES = 4;
const RADII = { least: 3.5, most: 13 };

/** Shares that the axes name. */
export const TICKS: readonly number[] = [0.0001, 0.001, 0.01, 0.1, 1];

/** Where a share stands on an axis from 0.01 % to 100 %: 0…1. */
export function placeOf(share: number): number {
  return 1 + Math.log10(Math.min(1, Math.max(SMALLEST, share))) / DECADES;
}

/** Radius of a dot whose area grows with its count. */
export function radiusOf(count: number, most: number): number {
  return Math.max(RADII.least, RADII.most * Math.sqrt(count / most));
}
