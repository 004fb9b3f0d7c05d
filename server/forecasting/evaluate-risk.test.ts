import { describe, expect, it } from 'vitest';
import { MS_PER_HOUR, type PoolKey } from '../../common/units/index.ts';
import { evaluateRisk, type JudgedRisk } from './evaluate-risk.ts';
import { randomSamples } from './random-samples.fixture.ts';

const START_MS = Date.UTC(2026, 9, 1);
const TRUTHS = [0.005, 0.02, 0.05, 0.2];
const BASE_RATE = TRUTHS.reduce((sum, truth) => sum + truth, 0) / TRUTHS.length;

/** Four pools of ten nodes at 120 times, interrupted with their true probabilities. */
function judged(predict: (truth: number, uniform: () => number) => number, seed = 5): JudgedRisk[] {
  const { uniform } = randomSamples(seed);
  return Array.from({ length: 480 }, (_, index) => {
    const truth = TRUTHS[index % 4] ?? 0;
    const madeAt = START_MS + Math.floor(index / 4) * 3 * MS_PER_HOUR;
    const interruptedNodes = Array.from({ length: 10 }, uniform).filter(value => value < truth).length;
    return {
      prediction: {
        pool: `us-east-1/us-east-1a/t${index % 4}/Linux/UNIX` as PoolKey,
        madeAt,
        forMs: madeAt + 24 * MS_PER_HOUR,
        probability: predict(truth, uniform),
      },
      interrupted: interruptedNodes,
      survived: 10 - interruptedNodes,
      interruptedNodes,
      survivedNodes: 10 - interruptedNodes,
      baseRate: BASE_RATE,
      persistence: uniform() < truth ? 0.5 : 0,
      advisor: index % 4 === 0 ? 0.01 : undefined,
    };
  });
}
const counts = { nodes: 900, interruptions: 300, censored: 7 };
const evaluate = (points: readonly JudgedRisk[], seen = counts) => evaluateRisk(points, seen, 8, 24);

describe('probabilities of interruption', () => {
  it('that are true are better than the base rate and persistence, and calibrated', () => {
    const risk = evaluate(judged(truth => truth));
    expect(risk).toMatchObject({ verdict: 'better', points: 480, pools: 4, censored: 7 });
    expect(risk?.baseRate.skill).toBeGreaterThan(0.03);
    expect(risk?.persistence.skill).toBeGreaterThan(0);
    expect(risk?.logLoss).toBeLessThan(risk?.baseRate.logLoss ?? 0);
    expect(risk?.calibration.map(({ from, nodes }) => [from, nodes])).toEqual([
      [0.003, 1_200],
      [0.01, 1_200],
      [0.03, 1_200],
      [0.2, 1_200],
    ]);
    for (const { predicted, observed, interrupted, nodes } of risk?.calibration ?? []) {
      expect(observed).toBeCloseTo(interrupted / nodes, 12);
      expect(Math.abs(observed - predicted)).toBeLessThan(0.035);
    }
    expect(risk?.sentence).toContain('better than both, so the model serves');
  });

  it('have the Brier score, its skill and the log loss as counted by hand', () => {
    const points = judged((truth, uniform) => Math.min(1, truth * 2 * uniform()));
    const sum = (loss: (probability: number, happened: 0 | 1) => number, of: (point: JudgedRisk) => number) =>
      points.reduce(
        (total, point) =>
          total + point.interruptedNodes * loss(of(point), 1) + point.survivedNodes * loss(of(point), 0),
        0,
      ) / 4_800;
    const squared = (probability: number, happened: 0 | 1) => (probability - happened) ** 2;
    const log = (probability: number, happened: 0 | 1) =>
      -Math.log(happened ? Math.max(1e-4, probability) : 1 - Math.max(1e-4, probability));
    const risk = evaluate(points);
    const own = sum(squared, point => point.prediction.probability);
    expect(risk?.brier).toBeCloseTo(own, 12);
    expect(risk?.logLoss).toBeCloseTo(
      sum(log, point => point.prediction.probability),
      12,
    );
    expect(risk?.baseRate.skill).toBeCloseTo(1 - own / sum(squared, () => BASE_RATE), 12);
    expect(risk?.persistence.brier).toBeCloseTo(
      sum(squared, point => point.persistence),
      12,
    );
    expect(risk?.advisor?.points).toBe(120);
  });

  it('that only repeat the base rate have no skill and do not serve', () => {
    const risk = evaluate(judged(() => BASE_RATE));
    expect(risk?.verdict).toBe('no-better');
    expect(risk?.baseRate.skill).toBeCloseTo(0, 12);
    expect(risk?.sentence).toContain('no better than the base rate, so the advisor');
  });

  it('that beat the base rate but not persistence do not serve either', () => {
    const points = judged(truth => truth).map(point => ({
      ...point,
      persistence: point.interruptedNodes / 10,
    }));
    const risk = evaluate(points);
    expect(risk?.verdict).toBe('no-better');
    expect(risk?.baseRate.skill).toBeGreaterThan(0.03);
    expect(risk?.sentence).toContain('no better than persistence, so the advisor');
  });

  it('that chance alone makes look better do not serve', () => {
    let better = 0;
    for (let seed = 0; seed < 60; seed++) {
      const noise = evaluate(judged((_, uniform) => BASE_RATE * (0.9 + 0.2 * uniform()), seed));
      if (noise?.verdict === 'better') better++;
    }
    expect(better).toBeLessThanOrEqual(6);
  });

  it('are not judged before ten interruptions were seen, and nothing is said of none', () => {
    expect(
      evaluate(
        judged(truth => truth),
        { ...counts, interruptions: 9 },
      )?.verdict,
    ).toBe('too-few-points');
    expect(evaluate(judged(truth => truth).slice(0, 60))?.verdict).toBe('too-few-points');
    expect(evaluate([])).toBeNull();
  });
});
