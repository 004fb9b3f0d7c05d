import { describe, expect, it } from 'vitest';
import { uncovered } from './uncovered.ts';

const stretch = (fromMs: number, toMs: number, ...instanceTypes: string[]) => ({
  region: 'us-east-1',
  product: 'Linux/UNIX',
  instanceTypes,
  fromMs,
  toMs,
});

describe('what is not covered of a stretch', () => {
  it('is what none vouches for', () => {
    expect(uncovered(stretch(0, 10), [])).toEqual([stretch(0, 10)]);
    expect(uncovered(stretch(0, 10), [stretch(2, 4), stretch(6, 20)])).toEqual([
      stretch(0, 2),
      stretch(4, 6),
    ]);
  });

  it('is held against all of its types', () => {
    expect(uncovered(stretch(0, 10), [stretch(0, 10, 'm5.large')])).toEqual([stretch(0, 10)]);
    expect(
      uncovered(stretch(0, 10, 'm5.large', 'c5.large'), [stretch(0, 6, 'm5.large'), stretch(4, 8)]),
    ).toEqual([stretch(0, 4, 'm5.large', 'c5.large'), stretch(8, 10, 'm5.large', 'c5.large')]);
  });

  it('is of its region and product', () => {
    const other = { ...stretch(0, 10), region: 'eu-west-1' };
    expect(uncovered(stretch(0, 10), [other])).toEqual([stretch(0, 10)]);
  });
});
