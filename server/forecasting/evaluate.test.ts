import { describe, expect, it } from 'vitest';
import { MS_PER_HOUR } from '../../common/units/index.ts';
import { dieboldMariano } from './diebold-mariano.ts';
import { type EvaluatedPoint, evaluatePoints } from './evaluate.ts';

/** 10 pools at 48 times; the price moves by 1,000 where `moves`, and the model foresees a share of the move. */
function points(
  foresight: (time: number) => number,
  moves = (time: number) => time % 2 === 0,
): EvaluatedPoint[] {
  return Array.from({ length: 480 }, (_, index) => {
    const time = Math.floor(index / 10);
    const move = moves(time) ? 1_000 : 0;
    return {
      pool: `pool-${index % 10}`,
      madeAt: time * 3 * MS_PER_HOUR,
      predicted: 100_000 + Math.round(move * foresight(time)),
      persistence: 100_000,
      actual: 100_000 + move,
    };
  });
}

describe('an evaluation', () => {
  it('says better when the model foresees half of each move', () => {
    const result = evaluatePoints(
      points(() => 0.5),
      8,
    );
    expect(result).toMatchObject({ verdict: 'better', points: 480, pools: 10, mase: 0.5 });
    expect(result.maeUsd).toBeCloseTo(0.00025, 12);
    expect(result.baselineMaeUsd).toBeCloseTo(0.0005, 12);
    expect(result.changed).toEqual({ points: 240, maeUsd: 0.0005, baselineMaeUsd: 0.001 });
    expect(result.sentence).toMatch(/50 % better, so the model serves/);
  });

  it('says no better when the model is persistence', () => {
    const result = evaluatePoints(
      points(() => 0),
      8,
    );
    expect(result).toMatchObject({ verdict: 'no-better', mase: 1 });
    expect(result.sentence).toMatch(/no gain, so persistence serves/);
  });

  it('says no better when a gain may be chance', () => {
    // Foresees moves on one day, is as wrong as persistence or more on the others.
    const result = evaluatePoints(
      points(time => (time < 8 ? 1 : -0.1)),
      8,
    );
    expect(result.mase).toBeLessThan(1);
    expect(result.verdict).toBe('no-better');
    expect(result.sentence).toMatch(/may be chance/);
  });

  it('has no ratio where nothing moved', () => {
    expect(
      evaluatePoints(
        points(
          () => 0,
          () => false,
        ),
        8,
      ),
    ).toMatchObject({ mase: null, verdict: 'no-better' });
  });

  it('does not judge on few points', () => {
    expect(evaluatePoints(points(() => 0.5).slice(0, 90), 8).verdict).toBe('too-few-points');
  });
});

describe('the Diebold-Mariano test', () => {
  it('gives what the formula gives by hand', () => {
    // mean 2, variance (population) 2, n = 5, one step: sqrt((5 + 1 − 2) / 5) · 2 / sqrt(2 / 5) = 2.8284
    const test = dieboldMariano([0, 1, 2, 3, 4], 1);
    expect(test?.statistic).toBeCloseTo(2 * Math.SQRT2, 9);
    // 1 − Φ(2.8284) = 0.0023389, from a table of the normal distribution.
    expect(test?.p).toBeCloseTo(0.0023389, 6);
  });

  it('has no answer for gains that do not vary', () => {
    expect(dieboldMariano([1, 1, 1, 1], 1)).toBeUndefined();
  });
});
