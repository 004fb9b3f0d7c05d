import { describe, expect, it } from 'vitest';
import { MS_PER_DAY } from '../../common/units/index.ts';
import { analyzeGap, completeScope } from './gap.ts';

const nowMs = Date.UTC(2026, 10, 23);
const daysAgo = (days: number) => nowMs - days * MS_PER_DAY;
const scope = { regions: ['us-east-1'], instanceTypes: ['m5.large'], products: ['Linux/UNIX'] };
const nothing = () => [];

describe('analyzeGap', () => {
  it('finds what is needed less what is on disk', () => {
    const covered = () => [{ fromMs: daysAgo(20), toMs: daysAgo(10) }];
    const { slices } = analyzeGap(
      { scope, fromMs: daysAgo(30), toMs: nowMs, trainedUntilMs: null },
      nowMs,
      covered,
      () => 3,
    );
    expect(slices.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
      [daysAgo(30), daysAgo(20)],
      [daysAgo(10), nowMs],
    ]);
    expect(slices.every(slice => slice.fillable)).toBe(true);
  });

  it('splits where the API of EC2 ends, and keeps every millisecond on one side', () => {
    const need = { scope, fromMs: daysAgo(200), toMs: nowMs, trainedUntilMs: daysAgo(193) };
    const analysis = analyzeGap(need, nowMs, nothing, () => 3);
    expect(analysis.gapDays).toBe(193);
    expect(analysis.fillableMs + analysis.archiveMs).toBe(200 * MS_PER_DAY);
    expect(analysis.fillableMs).toBeLessThanOrEqual(90 * MS_PER_DAY);
    expect(analysis.fillableMs).toBeGreaterThan(89.9 * MS_PER_DAY);
  });

  it('asks for nothing when everything is on disk', () => {
    const covered = () => [{ fromMs: daysAgo(40), toMs: nowMs }];
    const analysis = analyzeGap(
      { scope, fromMs: daysAgo(30), toMs: nowMs, trainedUntilMs: null },
      nowMs,
      covered,
      () => 3,
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
