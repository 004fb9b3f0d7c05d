import { describe, expect, it } from 'vitest';
import { costHistory } from './cost-history.ts';

describe('cost history', () => {
  it('adds the realized rate of the moment to what ran', () => {
    const samples = [
      { atMs: 10, costMicroUsdPerHour: 150 },
      { atMs: 30, costMicroUsdPerHour: 40 },
    ];
    const booked = [{ fromMs: 25, toMs: 40, counterfactualMicroUsdPerHour: 90, actualMicroUsdPerHour: 30 }];
    expect(costHistory(samples, booked, 0, 100)).toEqual([
      { atMs: 10, actualMicroUsdPerHour: 150, counterfactualMicroUsdPerHour: 150 },
      { atMs: 30, actualMicroUsdPerHour: 40, counterfactualMicroUsdPerHour: 100 },
    ]);
  });

  it('shows the first minutes of a long window as they are, and thins only what is too much for a screen', () => {
    const samplesOf = (count: number) =>
      Array.from({ length: count }, (_, minute) => ({
        atMs: minute * 60_000,
        costMicroUsdPerHour: 1,
      }));
    const week = 7 * 86_400_000;
    expect(costHistory(samplesOf(3), [], 0, week)).toHaveLength(3);
    const thinned = costHistory(samplesOf(10_000), [], 0, week);
    expect(thinned.length).toBeGreaterThan(1_000);
    expect(thinned.length).toBeLessThanOrEqual(1_500);
    expect(thinned.at(-1)?.atMs).toBe(9_999 * 60_000);
  });
});
