import { expect, it } from 'vitest';
import { axisNumber, pointNumber } from './axis-number.ts';

it('gives marks the decimals that tell them apart', () => {
  expect([0.1725, 0.173].map(value => axisNumber(value, 0.0005))).toEqual(['0.1725', '0.1730']);
  expect(axisNumber(0.0025, 0.0025)).toBe('0.0025');
  expect(axisNumber(3, 1)).toBe('3');
});

it('keeps the digits in which Spot prices differ', () => {
  expect(pointNumber(0.172345678)).toBe('0.17235');
});
