import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BookedInterval, bookedIn, bookedOver, since } from './booked-interval.ts';

const START = Date.UTC(2026, 10, 20);

const price = fc.integer({ min: 0, max: 1_000_000_000 });
const intervalsArbitrary = fc
  .array(
    fc.record({ ms: fc.integer({ min: 1, max: 10 ** 10 }), counterfactual: price, actual: fc.option(price) }),
    { minLength: 1, maxLength: 30 },
  )
  .map(parts => {
    let at = START;
    return parts.map(({ ms, counterfactual, actual }): BookedInterval => {
      at += ms;
      return {
        fromMs: at - ms,
        toMs: at,
        counterfactualMicroUsdPerHour: counterfactual,
        actualMicroUsdPerHour: actual,
      };
    });
  });

describe('the ledger, whatever was booked', () => {
  it('cutting an interval anywhere changes nothing', () => {
    fc.assert(
      fc.property(intervalsArbitrary, fc.double({ min: 0, max: 1, noNaN: true }), (intervals, where) => {
        const first = intervals[0]?.fromMs ?? 0;
        const cut = first + Math.floor(where * ((intervals.at(-1)?.toMs ?? 0) - first));
        const before = intervals.flatMap(one =>
          one.fromMs < cut ? [{ ...one, toMs: Math.min(one.toMs, cut) }] : [],
        );
        const after = intervals.flatMap(one => since(one, cut) ?? []);
        expect(bookedOver([...before, ...after])).toEqual(bookedOver(intervals));
      }),
    );
  });

  it('the total is the sum of its intervals, and all time is either known or unknown', () => {
    fc.assert(
      fc.property(intervalsArbitrary, intervals => {
        const { microUsdMs, knownMs, unknownMs } = bookedOver(intervals);
        expect(microUsdMs).toBe(intervals.reduce((sum, one) => sum + bookedIn(one).microUsdMs, 0n));
        expect(knownMs + unknownMs).toBe((intervals.at(-1)?.toMs ?? 0) - (intervals[0]?.fromMs ?? 0));
      }),
    );
  });
});
