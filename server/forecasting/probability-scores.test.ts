import { describe, expect, it } from 'vitest';
import { ProbabilityScores, RISK_EDGES } from './probability-scores.ts';
import { randomSamples } from './random-samples.fixture.ts';

describe('ProbabilityScores', () => {
  it('gives what is worked out by hand', () => {
    const scores = new ProbabilityScores();
    scores.add(0.8, true);
    scores.add(0.8, false);
    scores.add(0.1, false);
    scores.add(1, true);
    // 0.04 + 0.64 + 0.01 + 0 = 0.69 over 4; the base rate is a half, whose score is a quarter.
    expect(scores.brier).toBeCloseTo(0.1725, 12);
    expect(scores.brierOfBaseRate).toBe(0.25);
    expect(scores.skillAgainst(scores.brierOfBaseRate)).toBeCloseTo(0.31, 12);
    expect(scores.skillAgainst(0)).toBeNull();
    expect(scores.logLoss).toBeCloseTo(
      -(Math.log(0.8) + Math.log(0.2) + Math.log(0.9) + Math.log(0.9999)) / 4,
      12,
    );
    expect(scores.calibration).toEqual([
      { from: 0.1, to: 0.2, meanForecast: 0.1, observed: 0, points: 1, happened: 0 },
      { from: 0.8, to: 0.9, meanForecast: 0.8, observed: 0.5, points: 2, happened: 1 },
      { from: 0.9, to: 1, meanForecast: 1, observed: 1, points: 1, happened: 1 },
    ]);
    expect(scores.calibrationError).toBeCloseTo((0.1 + 2 * 0.3) / 4, 12);
    // Frequencies 0, 1/2, 1 of bins with 1, 2, 1 points, around a base rate of 1/2.
    expect(scores.parts.resolution).toBeCloseTo(0.125, 12);
    expect(scores.parts.reliability).toBeCloseTo((0.01 + 2 * 0.09) / 4, 12);
  });

  it('falls into its parts where all forecasts of a bin are the same', () => {
    const { uniform } = randomSamples(3);
    const scores = new ProbabilityScores(RISK_EDGES);
    for (let point = 0; point < 500; point++) {
      const probability = [0.0005, 0.02, 0.35, 1][point % 4] ?? 0;
      scores.add(probability, uniform() < 0.3);
    }
    const { reliability, resolution, uncertainty } = scores.parts;
    expect(resolution).toBeGreaterThan(0);
    expect(reliability - resolution + uncertainty).toBeCloseTo(scores.brier, 12);
  });

  it('takes a weight for so many points', () => {
    const [weighted, single] = [new ProbabilityScores(), new ProbabilityScores()];
    weighted.addWeighted(0.3, 2, 3, 4, 6);
    for (const happened of [true, true, false, false, false]) single.add(0.3, happened);
    expect(weighted.brier).toBeCloseTo(single.brier, 12);
    expect(weighted.logLoss).toBeCloseTo(single.logLoss, 12);
    expect(weighted.calibration).toMatchObject([{ observed: 0.4, points: 10, happened: 4 }]);
  });
});
