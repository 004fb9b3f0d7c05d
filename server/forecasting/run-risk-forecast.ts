import type { Model, RiskEvaluation } from '../../common/contracts/index.ts';
import {
  MS_PER_DAY,
  MS_PER_HOUR,
  type Pool,
  type PoolKey,
  parsePoolKey,
  poolKey,
} from '../../common/units/index.ts';
import { evaluateRisk } from './evaluate-risk.ts';
import { featureSetHash } from './features/index.ts';
import { type ForecastParts, featureNamesOf, horizonMsOf } from './forecast-parts.ts';
import { advisorProbability } from './interruption-risk.ts';
import { GRID_STEP_MS, madeAtGrid } from './made-at-grid.ts';
import type { MadeRisk } from './made-prediction.ts';
import { isInScope, predictRisks, sliceFor } from './predict.ts';
import { exposureOf, MONTH_MS, riskBaselines } from './risk-baselines.ts';
import { riskOutcomes } from './risk-outcomes.ts';
import { countsOf, forgetOld } from './run-forecast.ts';
import { isAtRisk, type SpotNode } from './spot-node.ts';

/** Interruptions are rare: a model is judged over a month. */
const JUDGED_MS = 30 * MS_PER_DAY;
/** Node × time that are compared at most: of more, every second, third, … time is enough. */
const MOST_NODE_TIMES = 200_000;

/**
 * Predicts the probability of interruption for every pool in a model's scope now, and for the last 30 days in pools where Spot
 * nodes ran then; keeps it with its inputs, and holds what has come due against what became of those nodes. Times before
 * "trained until" are left out.
 * @throws AppError `model.faulty` when the model fails
 */
export async function runRiskForecast(
  parts: ForecastParts,
  model: Model,
  signal: AbortSignal,
): Promise<void> {
  const { market, models, risks, runs, clock } = parts;
  const nowMs = clock.now();
  const names = featureNamesOf(model);
  const horizonMs = horizonMsOf(model);
  const timesMs = madeAtGrid(Math.max(model.trainedUntilMs, nowMs - JUDGED_MS - horizonMs), nowMs);
  const firstMs = timesMs[0] ?? nowMs;
  const lastMs = timesMs.at(-1) ?? nowMs;
  const nodes = await nodesInScope(parts, model, firstMs - MONTH_MS);
  const byPool = Map.groupBy(nodes, ({ pool }) => pool);
  const stepMs = judgedStepMs(nodes, firstMs, nowMs);
  const pools = await market.prices.pools(model.manifest.scope);
  const isWatched = (pool: Pool) => byPool.has(poolKey(pool));
  const slices = [
    await sliceFor(market, names, pools.filter(isWatched), firstMs, nowMs),
    await sliceFor(
      market,
      names,
      pools.filter(pool => !isWatched(pool)),
      lastMs,
      nowMs,
    ),
  ];
  const kept = await risks.madeAtTimes(model.id, firstMs);
  signal.throwIfAborted();
  const hashes = { model: model.sha256, features: featureSetHash(names) };
  const timesFor = (pool: PoolKey) => {
    const ofPool = byPool.get(pool) ?? [];
    const isWanted = (at: number) =>
      at === lastMs || (at % stepMs === 0 && ofPool.some(node => isAtRisk(node, at)));
    return timesMs.filter(at => isWanted(at) && !kept.get(pool)?.has(at));
  };
  const session = await models.openSession(model.id);
  for (const slice of slices) {
    for await (const batch of predictRisks({ manifest: model.manifest, session, slice, timesFor })) {
      signal.throwIfAborted();
      await risks.keep(model.id, hashes, batch, clock.now());
      for (const { pool, madeAt } of batch.predictions) {
        kept.set(pool, (kept.get(pool) ?? new Set()).add(madeAt));
      }
    }
  }
  await forgetOld(parts, nowMs);
  const due = await risks.due(model.id, hashes.features, firstMs, nowMs);
  const onGrid = due.filter(({ madeAt }) => madeAt % stepMs === 0);
  await runs.saveRun({
    modelId: model.id,
    endedAt: nowMs,
    ...countsOf(kept, timesMs),
    message: null,
    evaluation: null,
    ...judged(parts, model, onGrid, nodes, stepMs),
  });
}

/** Spot nodes in the pools that a model is made for, seen at or after a time. */
export async function nodesInScope(
  { nodes }: ForecastParts,
  model: Model,
  fromMs: number,
): Promise<SpotNode[]> {
  return (await nodes.seenSince(fromMs)).filter(node => {
    const pool = parsePoolKey(node.pool);
    return pool !== undefined && isInScope(model.manifest.scope, pool);
  });
}

/** Time between the predictions that are compared: evenly spaced, and rarer where very many nodes run. */
export function judgedStepMs(nodes: readonly SpotNode[], fromMs: number, toMs: number): number {
  const nodeTimes = (exposureOf(nodes, fromMs, toMs).nodeHours * MS_PER_HOUR) / GRID_STEP_MS;
  return GRID_STEP_MS * Math.max(1, Math.ceil(nodeTimes / MOST_NODE_TIMES));
}

function judged(
  { market }: ForecastParts,
  model: Model,
  due: readonly MadeRisk[],
  nodes: readonly SpotNode[],
  stepMs: number,
): { risk: RiskEvaluation | null; comparedUntilMs: number | null } {
  const { horizonHours } = model.manifest;
  const { outcomes, ...counts } = riskOutcomes(due, nodes);
  const baselines = riskBaselines(nodes, horizonHours);
  const points = outcomes.flatMap(outcome => {
    const { pool: key, madeAt } = outcome.prediction;
    const { baseRate, persistence } = baselines(key, madeAt);
    if (baseRate === undefined) return [];
    const pool = parsePoolKey(key);
    const advisor = pool && advisorProbability(market, pool, horizonHours);
    return { ...outcome, baseRate, persistence, advisor };
  });
  const lastMs = points.reduce((last, { prediction }) => Math.max(last, prediction.forMs), 0);
  return {
    risk: evaluateRisk(points, counts, horizonMsOf(model) / stepMs, horizonHours),
    comparedUntilMs: points.length === 0 ? null : lastMs,
  };
}
