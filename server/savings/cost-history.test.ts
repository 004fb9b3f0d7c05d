import { describe, expect, it } from 'vitest';
import { costHistory } from './cost-history.ts';

describe('cost history', () => {
  it('adds the realized rate of the moment to what ran, over all clusters', () => {
    const samples = [
      { clusterId: 'c1', atMs: 10, costMicroUsdPerHour: 100 },
      { clusterId: 'c2', atMs: 10, costMicroUsdPerHour: 50 },
      { clusterId: 'c1', atMs: 20, costMicroUsdPerHour: null },
      { clusterId: 'c1', atMs: 30, costMicroUsdPerHour: 40 },
    ];
    const booked = [{ fromMs: 25, toMs: 40, counterfactualMicroUsdPerHour: 90, actualMicroUsdPerHour: 30 }];
    expect(costHistory(samples, booked, 0, 100)).toEqual([
      { atMs: 10, actualMicroUsdPerHour: 150, counterfactualMicroUsdPerHour: 150 },
      { atMs: 30, actualMicroUsdPerHour: 40, counterfactualMicroUsdPerHour: 100 },
    ]);
  });
});
