import { describe, expect, it } from 'vitest';
import { MS_PER_DAY } from '../../common/units/index.ts';
import { analyzeGap, completeScope } from './gap.ts';
import type { IntervalSet } from './intervals.ts';

const nowMs = Date.UTC(2026, 10, 23);
const daysAgo = (days: number) => nowMs - days * MS_PER_DAY;
const scope = { regions: ['us-east-1'], instanceTypes: ['m5.large'], products: ['Linux/UNIX'] };
const held = (covered: IntervalSet) => () => ({
  types: [{ instanceTypes: scope.instanceTypes, covered }],
  pools: 3,
});
const nothing = held([]);

describe('analyzeGap', () => {
  it('finds what is needed less what is on disk', () => {
    const covered = held([{ fromMs: daysAgo(20), toMs: daysAgo(10) }]);
    const { slices } = analyzeGap(
      { scope, fromMs: daysAgo(30), toMs: nowMs, trainedUntilMs: null },
      nowMs,
      covered,
    );
    expect(slices.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
      [daysAgo(30), daysAgo(20)],
      [daysAgo(10), nowMs],
    ]);
    expect(slices.every(slice => slice.fillable)).toBe(true);
    // Only where covered time ends are the prices in force on disk.
    expect(slices.map(slice => slice.joinsCovered)).toEqual([false, true]);
  });

  it('asks for each group of types what that group lacks', () => {
    const both = { ...scope, instanceTypes: ['c5.large', 'm5.large'] };
    const need = { scope: both, fromMs: daysAgo(30), toMs: nowMs, trainedUntilMs: null };
    const { slices, estimatedRows } = analyzeGap(
      need,
      nowMs,
      () => ({
        types: [
          { instanceTypes: ['c5.large'], covered: [{ fromMs: daysAgo(30), toMs: daysAgo(10) }] },
          { instanceTypes: ['m5.large'], covered: [] },
        ],
        pools: 6,
      }),
      2,
    );
    expect(slices.map(({ instanceTypes, fromMs }) => [instanceTypes, fromMs])).toEqual([
      [['c5.large'], daysAgo(10)],
      [['m5.large'], daysAgo(30)],
    ]);
    expect(estimatedRows).toBe(10 * 2 * 3 + 30 * 2 * 3);
  });

  it('splits where the API of EC2 ends, and keeps every millisecond on one side', () => {
    const need = { scope, fromMs: daysAgo(200), toMs: nowMs, trainedUntilMs: daysAgo(193) };
    const analysis = analyzeGap(need, nowMs, nothing);
    expect(analysis.gapDays).toBe(193);
    expect(analysis.fillableMs + analysis.archiveMs).toBe(200 * MS_PER_DAY);
    expect(analysis.fillableMs).toBeLessThanOrEqual(90 * MS_PER_DAY);
    expect(analysis.fillableMs).toBeGreaterThan(89.9 * MS_PER_DAY);
  });

  it('asks for nothing when everything is on disk', () => {
    const covered = held([{ fromMs: daysAgo(40), toMs: nowMs }]);
    const analysis = analyzeGap(
      { scope, fromMs: daysAgo(30), toMs: nowMs, trainedUntilMs: null },
      nowMs,
      covered,
    );
    expect(analysis).toMatchObject({ slices: [], estimatedRows: 0, estimatedRequests: 0 });
  });
});

describe('completeScope', () => {
  it('names every product where none is named, so that "all" is not taken for "nothing"', () => {
    const { products } = completeScope({ regions: ['us-east-1'], instanceTypes: [], products: [] });
    expect(products).toContain('Linux/UNIX');
    expect(products).toHaveLength(4);
  });

  it('is the same for the same scope in another order', () => {
    const one = { regions: ['b', 'a', 'b'], instanceTypes: ['y', 'x'], products: ['Windows'] };
    const other = { regions: ['a', 'b'], instanceTypes: ['x', 'y', 'x'], products: ['Windows'] };
    expect(completeScope(one)).toEqual(completeScope(other));
  });
});
