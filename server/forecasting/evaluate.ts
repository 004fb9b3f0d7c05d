import type { Evaluation } from '../../common/contracts/index.ts';
import { MICRO_USD_PER_USD } from '../../common/units/index.ts';
import { dieboldMariano } from './diebold-mariano.ts';

/** A prediction whose time has come. Prices in micro-USD per hour. */
export interface EvaluatedPoint {
  readonly pool: string;
  readonly madeAt: number;
  readonly predicted: number;
  readonly persistence: number;
  readonly actual: number;
}

const FEWEST_POINTS = 100;
const FEWEST_TIMES = 12;
const SIGNIFICANCE = 0.05;

/**
 * Holds predictions against "the last price stays" on the very same points. "Better" asks for a smaller mean absolute
 * error and a one-sided Diebold-Mariano test at 5 %; anything else means that persistence serves.
 * @param stepsAhead horizon in steps between made-at times, at least 1: errors that overlap are not independent
 */
export function evaluatePoints(points: readonly EvaluatedPoint[], stepsAhead: number): Evaluation {
  const all = errorsOf(points);
  const moved = points.filter(point => point.actual !== point.persistence);
  const changed = errorsOf(moved);
  const times = [...new Set(points.map(point => point.madeAt))].sort((a, b) => a - b);
  const pools = new Set(points.map(point => point.pool)).size;
  const mase = all.baseline === 0 ? null : all.model / all.baseline;
  const tooFew = points.length < FEWEST_POINTS || times.length < FEWEST_TIMES;
  const test = tooFew ? undefined : dieboldMariano(gainByTime(points, times), stepsAhead);
  const isBetter = mase !== null && mase < 1 && test !== undefined && test.p < SIGNIFICANCE;
  const verdict = tooFew ? 'too-few-points' : isBetter ? 'better' : 'no-better';
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
    sentence: sentenceOf(verdict, all, points.length, pools, test?.p),
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

/** Pools move together, so their points at one time are one observation: their mean. */
function gainByTime(points: readonly EvaluatedPoint[], times: readonly number[]): number[] {
  const sums = new Map(times.map(time => [time, { sum: 0, count: 0 }]));
  for (const { madeAt, predicted, persistence, actual } of points) {
    const at = sums.get(madeAt);
    if (!at) continue;
    at.sum += Math.abs(persistence - actual) - Math.abs(predicted - actual);
    at.count++;
  }
  return [...sums.values()].map(({ sum, count }) => sum / count);
}

function sentenceOf(
  verdict: Evaluation['verdict'],
  { model, baseline }: MeanErrors,
  points: number,
  pools: number,
  p: number | undefined,
): string {
  if (verdict === 'too-few-points') {
    return `Only ${points.toLocaleString('en-US')} predictions can be compared so far, too few to judge; persistence ("the last price stays") serves.`;
  }
  // Errors are far below a cent: three digits tell them apart.
  const usd = (value: number) => `$${Number(value.toPrecision(3))}/h`;
  const compared = `On ${points.toLocaleString('en-US')} points of ${pools} pools the model is off by ${usd(model)} on average, persistence ("the last price stays") by ${usd(baseline)}`;
  if (verdict === 'better') {
    return `${compared}: ${Math.round((1 - model / baseline) * 100)} % better, so the model serves.`;
  }
  const reason = model < baseline ? `a gain that may be chance (p = ${(p ?? 1).toFixed(2)})` : 'no gain';
  return `${compared}: ${reason}, so persistence serves.`;
}
