import { expect, it } from 'vitest';
import { holm } from './holm.ts';

it('multiplies the smallest p value by all, the next by one less, and never turns the order around', () => {
  const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
  // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") gives 0.03 0.06 0.06 0.02.
  for (const [place, value] of [0.03, 0.06, 0.06, 0.02].entries()) {
    expect(adjusted[place]).toBeCloseTo(value, 12);
  }
  expect(holm([0.9, 0.8])).toEqual([1, 1]);
  expect(holm([])).toEqual([]);
});
