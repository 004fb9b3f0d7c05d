import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PairedPoint, pairedBlocks } from './paired-errors.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = 1_000 * DAY;

function point(change: Partial<PairedPoint>): PairedPoint {
  const madeAt = change.madeAt ?? START;
  return {
    pool: 'a',
    forMs: madeAt + DAY,
    first: 110_000,
    second: 105_000,
    persistence: 100_000,
    actual: 104_000,
    ...change,
    madeAt,
  };
}
const grid = { startMs: START, blockMs: DAY, nowMs: START + 30 * DAY };

describe('errors by blocks of one horizon', () => {
  it('are fractions of the price when predicted, and USD per hour', () => {
    const [block] = pairedBlocks([point({})], grid);
    expect(block).toMatchObject({ startMs: START, endMs: START + 2 * DAY, points: 1, pools: 1 });
    expect(block?.first.relative).toBeCloseTo(0.06, 12);
    expect(block?.first.maeUsd).toBeCloseTo(0.006, 12);
    expect(block?.second.relative).toBeCloseTo(0.01, 12);
    expect(block?.persistence.relative).toBeCloseTo(0.04, 12);
  });

  it('count every pool the same, however many of its predictions could be compared', () => {
    const often = Array.from({ length: 20 }, (_, hour) =>
      point({ madeAt: START + hour * HOUR, first: 104_000 }),
    );
    const once = point({ pool: 'b', first: 124_000 });
    const [block] = pairedBlocks([...often, once], grid);
    // (0 + 20,000 / 100,000) / 2
    expect(block?.first.relative).toBeCloseTo(0.1, 12);
    expect(block?.points).toBe(21);
  });

  it('wait until the last prediction that may fall into a block has come due', () => {
    const points = [point({}), point({ madeAt: START + DAY })];
    expect(pairedBlocks(points, { ...grid, nowMs: START + 2 * DAY - 1 })).toEqual([]);
    expect(pairedBlocks(points, { ...grid, nowMs: START + 2 * DAY })).toHaveLength(1);
    expect(pairedBlocks(points, { ...grid, nowMs: START + 3 * DAY })).toHaveLength(2);
  });

  it('leave out what was made before the start', () => {
    expect(pairedBlocks([point({ madeAt: START - HOUR })], grid)).toEqual([]);
  });

  it('are the same to the bit in whatever order points come', () => {
    const some = fc.array(
      fc.record({
        pool: fc.constantFrom('a', 'b', 'c'),
        madeAt: fc.integer({ min: 0, max: 95 }).map(hour => START + hour * HOUR),
        first: fc.integer({ min: 1, max: 1_000_000 }),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(some, fc.integer(), (changes, seed) => {
        const points = [
          ...new Map(changes.map(change => [`${change.pool}${change.madeAt}`, point(change)])).values(),
        ];
        const shuffled = points.toSorted(
          (a, b) => ((a.first * 31 + seed) % 97) - ((b.first * 31 + seed) % 97),
        );
        expect(pairedBlocks(shuffled, grid)).toEqual(pairedBlocks(points, grid));
      }),
    );
  });
});
