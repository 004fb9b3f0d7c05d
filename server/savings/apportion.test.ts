import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apportion } from './apportion.ts';

const amount = fc.bigInt({ min: 0n, max: 10n ** 13n });
const weights = fc.array(fc.bigInt({ min: 0n, max: 10n ** 18n }), { minLength: 1, maxLength: 40 });

describe('apportion, whatever is split', () => {
  it('gives whole parts that add up to exactly the amount, none below zero', () => {
    fc.assert(
      fc.property(amount, weights, (whole, by) => {
        const parts = apportion(whole, by);
        expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(whole);
        expect(parts.every(part => part >= 0n)).toBe(true);
      }),
    );
  });

  it('stays less than one away from the exact share, and gives nothing for no weight', () => {
    fc.assert(
      fc.property(amount, weights, (whole, by) => {
        const sum = by.reduce((total, weight) => total + weight, 0n);
        fc.pre(sum > 0n);
        for (const [index, part] of apportion(whole, by).entries()) {
          const off = part * sum - whole * (by[index] ?? 0n);
          expect(off < sum && off > -sum).toBe(true);
          if (by[index] === 0n) expect(part).toBe(0n);
        }
      }),
    );
  });
});

it('hands what rounding left to the largest remainders', () => {
  expect(apportion(10n, [1n, 1n, 1n])).toEqual([4n, 3n, 3n]);
  expect(apportion(7n, [10n, 25n, 65n])).toEqual([1n, 2n, 4n]);
  expect(apportion(3n, [0n, 0n])).toEqual([2n, 1n]);
});
