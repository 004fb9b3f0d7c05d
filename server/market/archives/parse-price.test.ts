import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { microUsdFromUsd } from '../../../common/units/index.ts';
import { parsePrice } from './parse-price.ts';

describe('parsePrice', () => {
  it('gives any price what rounding its decimal text gives', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10 ** 9 }),
        fc.integer({ min: 0, max: 9 }),
        (digits, decimals) => {
          const text = (digits / 10 ** decimals).toFixed(decimals);
          expect(parsePrice(text)).toBe(microUsdFromUsd(text));
        },
      ),
    );
  });

  it('tells what is no number from what is no price', () => {
    expect(['NaN', '0x10', '', '.', '1.2.3', '$1', 'Infinity', '1e'].map(parsePrice)).toEqual(
      Array(8).fill(undefined),
    );
    expect(['-1', '0', '0.000000', '-0.5', '1e-9'].map(parsePrice)).toEqual(Array(5).fill(0));
    expect(['.5', '4.16e-2', '+1', '2.', '0.0000005'].map(parsePrice)).toEqual([
      500_000, 41_600, 1_000_000, 2_000_000, 1,
    ]);
  });
});
