import { describe, expect, it } from 'vitest';
import { MS_PER_DAY, MS_PER_HOUR } from '../../common/units/index.ts';
import { evaluateBand, pinballLoss } from './evaluate-band.ts';
import { pastChangeQuantiles } from './past-changes.ts';
import { randomSamples } from './random-samples.fixture.ts';

const START_MS = Date.UTC(2026, 9, 1);
const HOUR = MS_PER_HOUR;

/** A record each three hours. */
function recordsOf(prices: readonly number[]) {
  return {
    atMs: Float64Array.from(prices, (_, step) => START_MS + 3 * step * HOUR),
    priceMicroUsdPerHour: Float64Array.from(prices),
  };
}

describe('the band of past changes', () => {
  it('moves the price now by the quantiles of what the pool did over a horizon', () => {
    // Every change over 24 h is one of 1.01, 1.02, … 1.10, each as often: 8 steps a day, days of equal prices.
    const prices: number[] = [];
    let price = 1_000_000;
    for (let day = 0; day < 41; day++) {
      for (let step = 0; step < 8; step++) prices.push(price);
      price *= 1 + ((day % 10) + 1) / 100;
    }
    const records = recordsOf(prices);
    const madeAt = START_MS + 40 * 24 * HOUR - 3 * HOUR;
    const [low, middle, high] = pastChangeQuantiles(records, [0, 0.5, 1], 24 * HOUR)(madeAt) ?? [];
    const now = prices[40 * 8 - 1] ?? 0;
    expect((low?.priceMicroUsdPerHour ?? 0) / now).toBeCloseTo(1.01, 6);
    expect((high?.priceMicroUsdPerHour ?? 0) / now).toBeCloseTo(1.1, 6);
    expect((middle?.priceMicroUsdPerHour ?? 0) / now).toBeGreaterThan(1.04);
    expect((middle?.priceMicroUsdPerHour ?? 0) / now).toBeLessThan(1.07);
  });

  it('does not change when later or much earlier prices do, and is unknown while the past is short', () => {
    const { uniform } = randomSamples(3);
    const prices = Array.from({ length: 400 }, () => 50_000 + Math.round(uniform() * 50_000));
    const madeAt = START_MS + 300 * 3 * HOUR;
    // From a horizon and 28 days before until then: steps 68 to 300.
    const later = prices.map((price, step) => (step > 300 || step < 68 ? 1 : price));
    const levels = [0.1, 0.9];
    const quantiles = pastChangeQuantiles(recordsOf(prices), levels, 24 * HOUR)(madeAt);
    expect(quantiles).toHaveLength(2);
    expect(pastChangeQuantiles(recordsOf(later), levels, 24 * HOUR)(madeAt)).toEqual(quantiles);
    const early = pastChangeQuantiles(recordsOf(prices), levels, 24 * HOUR);
    expect(early(START_MS + 5 * MS_PER_DAY)).toBeUndefined();
    expect(early(START_MS + 8 * MS_PER_DAY)).toHaveLength(2);
  });
});

describe('a band', () => {
  const { normal } = randomSamples(7);
  /** Prices spread by 1,000 around 100,000; bands by the true quantiles times a factor, at 60 times of 5 pools. */
  const pointsOf = (factor: number, baselineFactor: number) =>
    Array.from({ length: 300 }, (_, index) => {
      const band = (spread: number) =>
        [-1.2816, 0, 1.2816].map((z, at) => ({
          q: [0.1, 0.5, 0.9][at] ?? 0,
          priceMicroUsdPerHour: 100_000 + z * spread * 1_000,
        }));
      return {
        madeAt: Math.floor(index / 5),
        actual: 100_000 + normal() * 1_000,
        quantiles: band(factor),
        baseline: band(baselineFactor),
        isCrossed: index % 30 === 0,
      };
    });

  it('of the true quantiles is better than one that is far too wide, and holds what it should', () => {
    const result = evaluateBand(pointsOf(1, 4), 1);
    expect(result).toMatchObject({ verdict: 'better', nominalCoverage: 0.8, crossed: 10, points: 300 });
    expect(result?.coverage).toBeGreaterThan(0.74);
    expect(result?.coverage).toBeLessThan(0.86);
    expect(result?.baselineCoverage).toBe(1);
    expect((result?.baselineWidthUsd ?? 0) / (result?.widthUsd ?? 1)).toBeCloseTo(4, 10);
  });

  it('that is no better than the baseline, or on too few points, is told so', () => {
    expect(evaluateBand(pointsOf(1, 1), 1)?.verdict).toBe('no-better');
    expect(evaluateBand(pointsOf(4, 1), 1)?.verdict).toBe('no-better');
    expect(evaluateBand(pointsOf(1, 4).slice(0, 40), 1)?.verdict).toBe('too-few-points');
    expect(evaluateBand([], 1)).toBeNull();
  });

  it('has the pinball loss of Koenker and Bassett', () => {
    const quantiles = [
      { q: 0.1, priceMicroUsdPerHour: 90 },
      { q: 0.9, priceMicroUsdPerHour: 120 },
    ];
    // 10 above the lower one at 0.1, 20 below the upper one at 1 − 0.9.
    expect(pinballLoss(quantiles, 100)).toBeCloseTo((0.1 * 10 + 0.1 * 20) / 2, 12);
    expect(pinballLoss(quantiles, 80)).toBeCloseTo((0.9 * 10 + 0.1 * 40) / 2, 12);
  });
});
