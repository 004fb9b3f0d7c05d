import { describe, expect, it } from 'vitest';
import { RunningMoments } from './running-moments.ts';

function momentsOf(values: readonly number[]): RunningMoments {
  const moments = new RunningMoments();
  for (const value of values) moments.add(value);
  return moments;
}

describe('running moments', () => {
  it('are those of the definitions, worked out by hand', () => {
    // 1, 2, 3, 4, 10: mean 4, deviations −3 −2 −1 0 6, squares sum to 50, cubes to 180,
    // products of neighbours 6 + 2 + 0 + 0 = 8; G1 = 5 · 180 / (4 · 3 · 12.5^1.5) = 1.6970562748.
    const moments = momentsOf([1, 2, 3, 4, 10]);
    expect(moments).toMatchObject({ count: 5, mean: 4, variance: 12.5, neighbourCovariance: 2 });
    expect(moments.skewness).toBeCloseTo(1.6970562748, 9);
  });

  it('keep their digits where the mean is a billion times the spread', () => {
    const near = momentsOf([1, 2, 3, 4, 10]);
    const far = momentsOf([1, 2, 3, 4, 10].map(value => value + 1e9));
    expect(far.variance).toBeCloseTo(near.variance, 9);
    expect(far.skewness).toBeCloseTo(near.skewness, 9);
    expect(far.neighbourCovariance).toBeCloseTo(near.neighbourCovariance, 9);
  });

  it('have no spread where nothing varies', () => {
    expect(momentsOf([0.1, 0.1, 0.1, 0.1])).toMatchObject({ variance: 0, skewness: 0, mean: 0.1 });
  });
});
