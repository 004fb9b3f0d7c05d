import { expect, it } from 'vitest';
import { priceSteps } from './price-steps.ts';

const at = (atMs: number, usd: number) => ({ atMs, priceMicroUsdPerHour: usd * 1e6 });

it('holds the last price until the end', () => {
  expect(priceSteps([at(0, 1), at(10, 2)], [], 30)).toEqual({ timesMs: [0, 10, 30], values: [1, 2, 2] });
});

it('leaves a gap where nothing is known, and goes on at the next record', () => {
  expect(priceSteps([at(0, 1), at(20, 2)], [{ fromMs: 5, toMs: 20 }], 30)).toEqual({
    timesMs: [0, 5, 6, 20, 30],
    values: [1, 1, null, 2, 2],
  });
});

it('does not invent a price after a hole that reaches the end', () => {
  expect(priceSteps([at(0, 1)], [{ fromMs: 5, toMs: 30 }], 30)).toEqual({
    timesMs: [0, 5, 6],
    values: [1, 1, null],
  });
});
