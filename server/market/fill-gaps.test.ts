import { describe, expect, it } from 'vitest';
import { stepWalk, type Walk } from './fill-gaps.ts';
import type { FillSlice } from './fill-plan.ts';
import { batchOf } from './price-batch.ts';

const slice: FillSlice = {
  region: 'us-east-1',
  product: 'Linux/UNIX',
  instanceTypes: [],
  fromMs: 100_000,
  toMs: 200_000,
  opensGap: true,
};
const start: Walk = {
  coveredFromMs: 200_000,
  oldestMs: Number.POSITIVE_INFINITY,
  inOrder: true,
  isDone: false,
};
const page = (isLast: boolean, ...seconds: number[]) => ({
  batch: batchOf(
    seconds.map(second => ({
      region: 'us-east-1',
      availabilityZone: 'us-east-1a',
      instanceType: 'm5.large',
      product: 'Linux/UNIX',
      atMs: second * 1_000,
      priceMicroUsdPerHour: 1,
    })),
  ),
  refusedPrices: 0,
  isLast,
});

describe('stepWalk', () => {
  it('vouches for what is newer than the oldest second, which may go on on the next page', () => {
    const walk = stepWalk(slice, start, page(false, 190, 180, 170));
    expect(walk).toMatchObject({ coveredFromMs: 171_000, isDone: false });
    expect(stepWalk(slice, walk, page(false, 170, 150)).coveredFromMs).toBe(151_000);
  });

  it('keeps the first second back until the records in force there have come', () => {
    const walk = stepWalk(slice, start, page(false, 150, 90));
    expect(walk).toMatchObject({ coveredFromMs: 101_000, isDone: false });
    expect(stepWalk(slice, walk, page(true, 80))).toMatchObject({ coveredFromMs: 100_000, isDone: true });
  });

  it('ends past the start where an older slice brings the records in force', () => {
    const inner = { ...slice, opensGap: false };
    expect(stepWalk(inner, start, page(false, 150, 90))).toMatchObject({
      coveredFromMs: 100_000,
      isDone: true,
    });
  });

  it('vouches for nothing before the last page once records came out of order', () => {
    const walk = stepWalk(slice, start, page(false, 190, 150));
    const disorderly = stepWalk({ ...slice, opensGap: false }, walk, page(false, 160, 90));
    expect(disorderly).toMatchObject({ coveredFromMs: 200_000, isDone: false });
    expect(stepWalk(slice, disorderly, page(true))).toMatchObject({ coveredFromMs: 100_000, isDone: true });
  });

  it('vouches for the whole slice when it holds nothing', () => {
    expect(stepWalk(slice, start, page(true))).toMatchObject({ coveredFromMs: 100_000, isDone: true });
  });
});
