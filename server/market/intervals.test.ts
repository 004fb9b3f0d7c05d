import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differenceOf, intersectionOf, lengthOf, unionOf } from './intervals.ts';

const point = fc.integer({ min: 0, max: 40 });
const set = fc
  .array(fc.tuple(point, point), { maxLength: 6 })
  .map(pairs => pairs.map(([a, b]) => ({ fromMs: Math.min(a, b), toMs: Math.max(a, b) })));
const holds = (intervals: readonly { fromMs: number; toMs: number }[], at: number) =>
  intervals.some(({ fromMs, toMs }) => fromMs <= at && at < toMs);

describe('interval sets', () => {
  it('hold exactly the points that set algebra says', () => {
    fc.assert(
      fc.property(set, set, point, (a, b, at) => {
        const [left, right] = [unionOf(a), unionOf(b)];
        expect(holds(left, at)).toBe(holds(a, at));
        expect(holds(unionOf([...a, ...b]), at)).toBe(holds(a, at) || holds(b, at));
        expect(holds(intersectionOf(left, right), at)).toBe(holds(a, at) && holds(b, at));
        expect(holds(differenceOf(left, right), at)).toBe(holds(a, at) && !holds(b, at));
      }),
      { numRuns: 2_000 },
    );
  });

  it('are sorted, disjoint, and one where they touch', () => {
    fc.assert(
      fc.property(set, a => {
        const result = unionOf(a);
        for (const [index, { fromMs, toMs }] of result.entries()) {
          expect(fromMs).toBeLessThan(toMs);
          const next = result[index + 1];
          if (next) expect(toMs).toBeLessThan(next.fromMs);
        }
      }),
    );
  });

  it('keep their length: a = (a ∩ b) + (a − b)', () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        const [left, right] = [unionOf(a), unionOf(b)];
        expect(lengthOf(intersectionOf(left, right)) + lengthOf(differenceOf(left, right))).toBe(
          lengthOf(left),
        );
      }),
    );
  });
});
