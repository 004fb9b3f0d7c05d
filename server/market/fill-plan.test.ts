import { describe, expect, it } from 'vitest';
import { MS_PER_DAY } from '../../common/units/index.ts';
import { planFill } from './fill-plan.ts';
import { lengthOf, unionOf } from './intervals.ts';

const place = { region: 'us-east-1', product: 'Linux/UNIX', instanceTypes: [], joinsCovered: false };
const toMs = Date.UTC(2026, 10, 23);
const gap = { ...place, fromMs: toMs - 60 * MS_PER_DAY, toMs, fillable: true };

describe('planFill', () => {
  it('covers the gap exactly, newest first, in slices of days', () => {
    const slices = planFill([gap], 2_400);
    expect(unionOf(slices)).toEqual([{ fromMs: gap.fromMs, toMs }]);
    expect(lengthOf(slices)).toBe(60 * MS_PER_DAY);
    expect(slices.map(slice => slice.toMs)).toEqual(
      slices.map(slice => slice.toMs).toSorted((a, b) => b - a),
    );
    expect(slices.length).toBeGreaterThan(10);
    expect(slices.every(slice => slice.fromMs % 1_000 === 0)).toBe(true);
  });

  it('asks for the prices in force only where a gap opens', () => {
    const slices = planFill([gap, { ...gap, product: 'Windows' }], 2_400);
    expect(slices.filter(slice => slice.opensGap).map(slice => [slice.product, slice.fromMs])).toEqual([
      ['Linux/UNIX', gap.fromMs],
      ['Windows', gap.fromMs],
    ]);
    expect(planFill([{ ...gap, joinsCovered: true }], 2_400).some(slice => slice.opensGap)).toBe(false);
  });

  it('leaves out what needs an archive', () => {
    expect(planFill([{ ...gap, fillable: false }], 2_400)).toEqual([]);
  });
});
