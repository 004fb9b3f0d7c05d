import { describe, expect, it } from 'vitest';
import { AdaptiveRate, ec2RateLimits } from './adaptive-rate.ts';

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

  it('gets most of what a bucket of 100 that refills at 20/s gives, and few refusals', () => {
    const { passed, refused } = simulate(600, tokensOf(100, 20));
    expect(passed).toBeGreaterThan(0.8 * (100 + 600 * 20));
    expect(refused).toBeLessThan(0.15 * passed);
  });

  it('does not die down when one request in 23 is refused whatever the pace, on a slow machine', () => {
    let count = 0;
    const { passed } = simulate(600, () => ++count % 23 !== 0, 80);
    expect(passed / 600).toBeGreaterThan(8);
  });
});

/** Sends one request after the other for some seconds of made-up time; `busyMs` is what each takes. */
function simulate(seconds: number, admits: (nowMs: number) => boolean, busyMs = 0) {
  const rate = new AdaptiveRate(ec2RateLimits);
  let [passed, refused] = [0, 0];
  for (let nowMs = 0; nowMs < seconds * 1_000; ) {
    nowMs += rate.reserve(nowMs) + busyMs;
    if (admits(nowMs)) {
      passed++;
      rate.succeeded();
    } else {
      refused++;
      rate.refused(nowMs);
    }
  }
  return { passed, refused };
}

function tokensOf(capacity: number, perSecond: number): (nowMs: number) => boolean {
  let [tokens, filledAtMs] = [capacity, 0];
  return nowMs => {
    tokens = Math.min(capacity, tokens + ((nowMs - filledAtMs) / 1_000) * perSecond);
    filledAtMs = nowMs;
    if (tokens < 1) return false;
    tokens--;
    return true;
  };
}
