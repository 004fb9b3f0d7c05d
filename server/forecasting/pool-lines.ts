import type { Model, PoolForecastLine, PoolRiskLine } from '../../common/contracts/index.ts';
import { MICRO_USD_PER_USD, parsePoolKey, poolKey } from '../../common/units/index.ts';
import { comparedPoints } from './compare-predictions.ts';
import type { EvaluatedPoint } from './evaluate.ts';
import { featureSetHash, priceAt } from './features/index.ts';
import { type ForecastParts, featureNamesOf } from './forecast-parts.ts';
import { advisorProbability } from './interruption-risk.ts';
import { pricesFor } from './predict.ts';
import { exposureOf, MONTH_MS } from './risk-baselines.ts';
import { judgedFromMs } from './run-forecast.ts';
import { nodesInScope } from './run-risk-forecast.ts';

/** The last kept price prediction of every pool beside the price now, and both errors there over the days that a model is judged by. */
export async function forecastLines(parts: ForecastParts, model: Model): Promise<PoolForecastLine[]> {
  const { market, predictions, clock } = parts;
  const nowMs = clock.now();
  const fromMs = judgedFromMs(model, nowMs);
  const latest = await predictions.latest(model.id);
  const due = await predictions.due(model.id, featureSetHash(featureNamesOf(model)), fromMs, nowMs);
  const pools = latest.flatMap(({ pool }) => parsePoolKey(pool) ?? []);
  const prices = await pricesFor(market, ['last_price_usd'], pools, fromMs, nowMs);
  const recordsOf = new Map(prices.map(records => [poolKey(records.pool), records]));
  const errors = Map.groupBy(comparedPoints(due, prices), ({ pool }) => pool);
  return latest.map(({ pool, madeAt, forMs, priceMicroUsdPerHour, quantiles }) => {
    const records = recordsOf.get(pool);
    const now = records ? priceAt(records, nowMs) : Number.NaN;
    const points = errors.get(pool) ?? [];
    return {
      pool,
      madeAt,
      forMs,
      nowMicroUsdPerHour: Number.isNaN(now) ? null : now,
      predictedMicroUsdPerHour: priceMicroUsdPerHour,
      quantiles: [...quantiles],
      points: points.length,
      maeUsd: maeUsd(points, point => point.predicted),
      persistenceMaeUsd: maeUsd(points, point => point.persistence),
    };
  });
}

/** The last kept probability of every pool beside what the advisor says and what was seen there in 30 days. */
export async function riskLines(parts: ForecastParts, model: Model): Promise<PoolRiskLine[]> {
  const { market, risks, clock } = parts;
  const nowMs = clock.now();
  const byPool = Map.groupBy(await nodesInScope(parts, model, nowMs - MONTH_MS), ({ pool }) => pool);
  return (await risks.latest(model.id)).map(({ pool: key, ...made }) => {
    const pool = parsePoolKey(key);
    return {
      pool: key,
      ...made,
      advisorProbability: (pool && advisorProbability(market, pool, model.manifest.horizonHours)) ?? null,
      ...exposureOf(byPool.get(key) ?? [], nowMs - MONTH_MS, nowMs),
    };
  });
}

function maeUsd(
  points: readonly EvaluatedPoint[],
  predicted: (point: EvaluatedPoint) => number,
): number | null {
  if (points.length === 0) return null;
  const sum = points.reduce((total, point) => total + Math.abs(predicted(point) - point.actual), 0);
  return sum / points.length / MICRO_USD_PER_USD;
}
