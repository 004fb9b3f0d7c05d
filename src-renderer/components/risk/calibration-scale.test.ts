import { expect, it } from 'vitest';
import { placeOf, radiusOf, TICKS } from './calibration-scale.ts';

it('places shares by their logarithm, and nothing outside of the axis', () => {
  expect(TICKS.map(placeOf)).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect([placeOf(0), placeOf(1e-9), placeOf(1.0000001)]).toEqual([0, 0, 1]);
});

it('draws dots by area, and the smallest still visible', () => {
  expect(radiusOf(100, 100) / radiusOf(25, 100)).toBeCloseTo(2, 12);
  expect(radiusOf(1, 1e9)).toBe(3.5);
});
