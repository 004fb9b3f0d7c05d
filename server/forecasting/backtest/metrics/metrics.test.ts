import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../common/seeded-random.ts';
import { randomSamples } from '../../random-samples.fixture.ts';
import { blockBootstrap } from './block-bootstrap.ts';
import { PointErrors } from './point-errors.ts';
import { QuantileScores } from './quantile-scores.ts';

describe('PointErrors', () => {
  const pairs = [
    [110, 100],
    [190, 200],
    [50, 40],
    [80, 80],
  ] as const;
  const errorsOf = (some: readonly (readonly [number, number])[]) => {
    const errors = new PointErrors();
    errors.add(
      Float64Array.from(some, ([predicted]) => predicted),
      Float64Array.from(some, ([, actual]) => actual),
    );
    return errors;
  };

  it('gives what is worked out by hand', () => {
    // Errors +10, −10, +10, 0: sums of absolutes 30, of squares 300, signed 10; relative 0.1 + 0.05 + 0.25 + 0.
    const { points, mae, rmse, bias, mapePercent } = errorsOf(pairs);
    expect({ points, mae, bias }).toEqual({ points: 4, mae: 7.5, bias: 2.5 });
    expect(rmse).toBeCloseTo(Math.sqrt(75), 12);
    expect(mapePercent).toBeCloseTo(10, 12);
  });

  it('is the same in parts', () => {
    const parts = errorsOf(pairs.slice(0, 1));
    parts.merge(errorsOf(pairs.slice(1)));
    expect(parts.mae).toBe(7.5);
    expect(parts.rmse).toBeCloseTo(Math.sqrt(75), 12);
  });

  it('has no figure without a point', () => {
    expect(new PointErrors().mae).toBeNaN();
  });
});

describe('QuantileScores', () => {
  it('gives what is worked out by hand', () => {
    const scores = new QuantileScores([0.1, 0.5, 0.9]);
    // y = 10: 0.1 · 2, 0.5 · 0, 0.1 · 4; inside, 8…14.
    scores.add(Float64Array.of(8, 10, 14), 10);
    // y = 20: 0.1 · 12, 0.5 · 10, 0.9 · 6; above all, 8…14.
    scores.add(Float64Array.of(14, 10, 8), 20);
    expect(scores.scores.map(score => score.pinball)).toEqual([
      expect.closeTo(0.7, 12),
      expect.closeTo(2.5, 12),
      expect.closeTo(2.9, 12),
    ]);
    expect(scores.pinball).toBeCloseTo(6.1 / 3, 12);
    expect(scores.scores.map(score => score.observed)).toEqual([0, 0.5, 0.5]);
    expect(scores.coverage).toEqual({ nominal: 0.8, observed: 0.5, width: 6 });
  });

  it('finds the true quantiles of a normal distribution calibrated and cheapest', () => {
    const { normal } = randomSamples(5);
    const right = new QuantileScores([0.1, 0.9]);
    const narrow = new QuantileScores([0.1, 0.9]);
    for (let index = 0; index < 20_000; index++) {
      const value = normal();
      right.add(Float64Array.of(-1.2816, 1.2816), value);
      narrow.add(Float64Array.of(-0.8, 0.8), value);
    }
    expect(right.coverage.observed).toBeCloseTo(0.8, 1);
    // Twice φ(1.2816) / 2: the expected pinball loss at 0.1 and 0.9 is φ(z) = 0.17550.
    expect(right.pinball).toBeCloseTo(0.1755, 2);
    expect(narrow.pinball).toBeGreaterThan(right.pinball + 0.01);
    expect(narrow.coverage.observed).toBeLessThan(0.6);
  });
});

describe('blockBootstrap', () => {
  /** How often the interval of the mean holds the true one, 0, over 200 series that remember 0.8 of their last value. */
  const coverage = (blockLength: number, memory: number) => {
    let held = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const { normal } = randomSamples(seed);
      let last = 0;
      const series = Float64Array.from({ length: 600 }, () => {
        last = memory * last + normal();
        return last;
      });
      const mean = ([sum = 0]: Float64Array) => sum / 600;
      const interval = blockBootstrap([series], mean, blockLength, seededRandom(seed));
      if (interval && interval.lower <= 0 && interval.upper >= 0) held++;
    }
    return held / 200;
  };

  it('holds the true mean about 95 times of 100, also of a series with memory', () => {
    expect(coverage(1, 0)).toBeGreaterThan(0.9);
    expect(coverage(30, 0.8)).toBeGreaterThan(0.87);
    // What blocks are for: without them it is far too sure of itself.
    expect(coverage(1, 0.8)).toBeLessThan(0.7);
  });

  it('is as wide as theory says for independent values', () => {
    const { normal } = randomSamples(3);
    const series = Float64Array.from({ length: 2_500 }, normal);
    const interval = blockBootstrap([series], ([sum = 0]) => sum / 2_500, 1, seededRandom(1));
    const width = (interval?.upper ?? 0) - (interval?.lower ?? 0);
    // 2 · 1.96 / √2500
    expect(width).toBeCloseTo(0.0784, 2);
  });

  it('gives a ratio of two series that rise and fall together its narrow interval', () => {
    const { normal } = randomSamples(9);
    const base = Float64Array.from({ length: 400 }, () => Math.abs(normal()) + 0.1);
    const half = base.map(value => value / 2);
    const ratio = ([a = 0, b = 1]: Float64Array) => a / b;
    const interval = blockBootstrap([half, base], ratio, 10, seededRandom(1));
    expect(interval?.lower).toBeCloseTo(0.5, 9);
    expect(interval?.upper).toBeCloseTo(0.5, 9);
  });

  it('says nothing of fewer than four blocks', () => {
    expect(blockBootstrap([new Float64Array(99)], () => 1, 25, seededRandom(1))).toBeUndefined();
  });
});
