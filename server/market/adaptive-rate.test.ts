import { describe, expect, it } from 'vitest';
import { AdaptiveRate } from './adaptive-rate.ts';

const limits = { startPerSecond: 10, minPerSecond: 1, maxPerSecond: 20 };

describe('AdaptiveRate', () => {
  it('spaces requests by the rate', () => {
    const rate = new AdaptiveRate(limits);
    expect([rate.reserve(0), rate.reserve(0), rate.reserve(0)]).toEqual([0, 100, 200]);
    expect(rate.reserve(1_000)).toBe(0);
  });

  it('halves once for a burst of refusals, and never below its floor', () => {
    const rate = new AdaptiveRate(limits);
    for (let index = 0; index < 5; index++) rate.refused(0);
    expect(rate.perSecond).toBe(5);
    for (let second = 1; second < 20; second++) rate.refused(second * 1_000);
    expect(rate.perSecond).toBe(1);
  });

  it('grows with success up to its ceiling', () => {
    const rate = new AdaptiveRate(limits);
    for (let index = 0; index < 200; index++) rate.succeeded();
    expect(rate.perSecond).toBe(20);
  });
});
