import type { Evaluation } from '../../common/contracts/index.ts';
import { MICRO_USD_PER_USD } from '../../common/units/index.ts';
import { testGains } from './gain-by-time.ts';
import { areTooFew, judge, sentenceOf } from './verdict.ts';

/** A prediction whose time has come. Prices in micro-USD per hour. */
export interface EvaluatedPoint {
  readonly pool: string;
  readonly madeAt: number;
  readonly predicted: number;
  readonly persistence: number;
  readonly actual: number;
}

/**
 * Holds predictions against "the last price stays" on the very same points; see `judge` for the verdict.
 * @param stepsAhead horizon in steps between made-at times, at least 1: errors that overlap are not independent
 */
export function evaluatePoints(points: readonly EvaluatedPoint[], stepsAhead: number): Evaluation {
  const all = errorsOf(points);
  const moved = points.filter(point => point.actual !== point.persistence);
  const changed = errorsOf(moved);
  const times = [...new Set(points.map(point => point.madeAt))].sort((a, b) => a - b);
  const pools = new Set(points.map(point => point.pool)).size;
  const mase = all.baseline === 0 ? null : all.model / all.baseline;
  const errors = {
    points: points.length,
    pools,
    times: times.length,
    maeUsd: all.model,
    baselineMaeUsd: all.baseline,
  };
  const gainOf = (point: EvaluatedPoint) =>
    Math.abs(point.persistence - point.actual) - Math.abs(point.predicted - point.actual);
  const test = areTooFew(errors) ? undefined : testGains(points, gainOf, stepsAhead);
  const verdict = judge(errors, test);
  return {
    points: points.length,
    pools,
    fromMs: times[0] ?? 0,
    toMs: times.at(-1) ?? 0,
    maeUsd: all.model,
    baselineMaeUsd: all.baseline,
    mase,
    changed: { points: moved.length, maeUsd: changed.model, baselineMaeUsd: changed.baseline },
    verdict,
    sentence: sentenceOf(verdict, errors, test),
    band: null,
  };
}

interface MeanErrors {
  readonly model: number;
  readonly baseline: number;
}

function errorsOf(points: readonly EvaluatedPoint[]): MeanErrors {
  let model = 0;
  let baseline = 0;
  for (const { predicted, persistence, actual } of points) {
    model += Math.abs(predicted - actual);
    baseline += Math.abs(persistence - actual);
  }
  const scale = Math.max(1, points.length) * MICRO_USD_PER_USD;
  return { model: model / scale, baseline: baseline / scale };
}
