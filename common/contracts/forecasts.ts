import { z } from 'zod';
import { pricePoint } from './market.ts';
import { modelTasks } from './models.ts';
import { numberRows } from './number-rows.ts';
import { procedure } from './procedure.ts';
import { microUsd, poolKeyText, provenance, timeMs } from './values.ts';

/** A price that the true one stays below with probability `q`. */
export const priceQuantile = z.object({ q: z.number().gt(0).lt(1), priceMicroUsdPerHour: microUsd });
export type PriceQuantile = z.output<typeof priceQuantile>;

/** One prediction: made at `madeAt` for `forMs` = `madeAt` + horizon. */
export const prediction = z.object({
  pool: poolKeyText,
  madeAt: timeMs,
  forMs: timeMs,
  priceMicroUsdPerHour: microUsd,
  /** What "the last price stays" says. */
  persistenceMicroUsdPerHour: microUsd,
  /** What happened; null while it lies ahead or is not on disk. */
  actualMicroUsdPerHour: microUsd.nullable(),
  quantiles: z.array(priceQuantile).meta({ description: 'Ascending; empty when the model gives none' }),
});
export type Prediction = z.output<typeof prediction>;

/** A prediction beside what simple rules say for the same time. */
export const seriesPrediction = prediction.extend({
  seasonalMicroUsdPerHour: microUsd
    .nullable()
    .meta({ description: 'The price one week before the predicted time; null when unknown' }),
});
export type SeriesPrediction = z.output<typeof seriesPrediction>;

/** What predictions follow from: the file of the model, the meaning of its features, and the values that it was given. */
const predictionHashes = z.object({
  model: z.string(),
  features: z.string(),
  data: z
    .string()
    .nullable()
    .meta({ description: 'SHA-256 of the input table; null when nothing was predicted' }),
});

/** How the quantiles of a model did against "past changes of the same pool go on" on the very same points. */
export const bandEvaluation = z.object({
  points: z.number().int(),
  levels: z.array(z.number()),
  pinballUsd: z.number().meta({ description: 'Mean pinball loss over points and quantiles, USD per hour' }),
  baselinePinballUsd: z.number(),
  nominalCoverage: z
    .number()
    .meta({ description: 'Part of prices that should lie within the outermost quantiles' }),
  coverage: z.number(),
  baselineCoverage: z.number(),
  widthUsd: z.number().meta({ description: 'Mean distance of the outermost quantiles, USD per hour' }),
  baselineWidthUsd: z.number(),
  crossed: z.number().int().meta({ description: 'Points whose quantiles were not in order and were sorted' }),
  verdict: z.enum(['better', 'no-better', 'too-few-points']),
  sentence: z.string(),
});
export type BandEvaluation = z.output<typeof bandEvaluation>;

/** How a model did against persistence on the very same points. Errors in USD per hour. */
export const evaluation = z.object({
  points: z.number().int(),
  pools: z.number().int(),
  fromMs: timeMs,
  toMs: timeMs,
  maeUsd: z.number(),
  baselineMaeUsd: z.number(),
  mase: z
    .number()
    .nullable()
    .meta({ description: 'MAE / MAE of persistence; below 1 is better than persistence' }),
  changed: z.object({
    points: z.number().int(),
    maeUsd: z.number(),
    baselineMaeUsd: z.number(),
  }),
  verdict: z.enum(['better', 'no-better', 'too-few-points']),
  sentence: z.string(),
  band: bandEvaluation.nullable().meta({ description: 'null when the model gives no quantiles' }),
});
export type Evaluation = z.output<typeof evaluation>;

const riskBaseline = z.object({
  brier: z.number(),
  logLoss: z.number(),
  /** Of the model against this baseline on the same points. */
  skill: z.number().nullable().meta({ description: '1 − Brier of the model / Brier of the baseline' }),
});

/** How probabilities of interruption did on nodes whose fate is known. */
export const riskEvaluation = z.object({
  points: z.number().int().meta({ description: 'Pools × times that could be compared' }),
  pools: z.number().int(),
  nodes: z.number().int().meta({ description: 'Distinct nodes among them' }),
  interruptions: z
    .number()
    .int()
    .meta({ description: 'Distinct nodes that were interrupted within a horizon' }),
  censored: z
    .number()
    .int()
    .meta({ description: 'Node × time whose outcome is unknown: the node went for another reason before' }),
  fromMs: timeMs,
  toMs: timeMs,
  brier: z.number(),
  logLoss: z.number(),
  baseRate: riskBaseline,
  persistence: riskBaseline,
  advisor: riskBaseline
    .extend({ points: z.number().int() })
    .nullable()
    .meta({ description: 'On points where the advisor knows a band; null when it knows none' }),
  calibration: z.array(
    z.object({
      from: z.number(),
      to: z.number(),
      predicted: z.number().meta({ description: 'Mean predicted probability' }),
      observed: z.number().meta({ description: 'Part that was interrupted' }),
      nodes: z.number().int().meta({ description: 'Node × time with a known outcome' }),
      interrupted: z.number().int(),
    }),
  ),
  verdict: z.enum(['better', 'no-better', 'too-few-points']),
  sentence: z.string(),
});
export type RiskEvaluation = z.output<typeof riskEvaluation>;

const driftTest = z.object({
  pAdjusted: z.number().nullable().meta({
    description: 'p value after Holm over all tests of the check; null where there is too little data',
  }),
  effect: z.number().nullable().meta({
    description: 'Population stability index beyond what chance gives; from 0.1 on a shift matters',
  }),
  referenceN: z.number().int(),
  recentN: z.number().int(),
  drifting: z.boolean().meta({ description: 'Both certain and large enough to matter' }),
});

/** Whether a model sees and errs now as it did before. */
export const drift = z.object({
  state: z.enum(['none', 'drifting', 'unknown']),
  sentence: z.string(),
  checkedAt: timeMs,
  inputs: z.array(driftTest.extend({ feature: z.string() })),
  residuals: z
    .object({ signed: driftTest, absolute: driftTest })
    .nullable()
    .meta({ description: 'Errors as a fraction of the price; null before enough predictions came due' }),
  referenceFromMs: timeMs.nullable(),
  referenceToMs: timeMs.nullable(),
  recentFromMs: timeMs,
  recentToMs: timeMs,
  referenceKind: z
    .enum(['before-trained-until', 'first-after-trained-until'])
    .nullable()
    .meta({ description: 'What recent inputs are held against; null when there is nothing yet' }),
});
export type Drift = z.output<typeof drift>;

/** A kept prediction, made once more from its kept inputs by the model that its hash names. */
export const recomputation = z.object({
  modelId: z.string(),
  pool: poolKeyText,
  madeAt: timeMs,
  forMs: timeMs,
  modelHash: z.string(),
  featureHash: z.string(),
  dataHash: z
    .string()
    .nullable()
    .meta({ description: 'SHA-256 of the input table; null for older predictions' }),
  features: z.array(z.object({ name: z.string(), value: z.number() })),
  keptPriceMicroUsdPerHour: microUsd.nullable().meta({ description: 'null for a probability' }),
  recomputedPriceMicroUsdPerHour: microUsd.nullable(),
  keptProbability: z.number().nullable().meta({ description: 'null for a price' }),
  recomputedProbability: z.number().nullable(),
  keptQuantiles: z.array(priceQuantile),
  recomputedQuantiles: z.array(priceQuantile),
  keptOutput: z.number().nullable().meta({ description: 'The first value that the model gave' }),
  recomputedOutput: z.number().nullable(),
  keptOutputs: z.array(z.number().nullable()).meta({ description: 'All values that the model gave' }),
  recomputedOutputs: z.array(z.number().nullable()),
  verdict: z.enum(['equal', 'different', 'unknown']).meta({ description: 'Equal means to the bit' }),
  sentence: z.string(),
});
export type Recomputation = z.output<typeof recomputation>;

/** What a model says now, and how far it can be trusted. */
export const forecastSummary = z.object({
  modelId: z.string(),
  modelName: z.string(),
  task: z.enum(modelTasks),
  horizonHours: z.number(),
  state: z.enum(['none', 'running', 'ready', 'failed']),
  message: z.string().nullable(),
  madeAt: timeMs.nullable(),
  pools: z.number().int(),
  predictions: z.number().int(),
  /** What decisions use: the model when it is better than its baselines; else persistence, for risks the advisor. */
  serving: z.enum(['model', 'persistence', 'advisor']),
  evaluation: evaluation.nullable(),
  risk: riskEvaluation.nullable().meta({ description: 'Of models for interruption' }),
  comparedUntilMs: timeMs
    .nullable()
    .meta({ description: 'The last predicted time that was held against what happened' }),
  drift: drift.nullable(),
});
export type ForecastSummary = z.output<typeof forecastSummary>;

/** The last kept prediction of a pool, and how the model did there. */
export const poolForecastLine = z.object({
  pool: poolKeyText,
  madeAt: timeMs,
  forMs: timeMs,
  nowMicroUsdPerHour: microUsd.nullable().meta({ description: 'The price in force; null when unknown' }),
  predictedMicroUsdPerHour: microUsd,
  quantiles: z.array(priceQuantile),
  points: z.number().int().meta({ description: 'Predictions of the pool that were compared so far' }),
  maeUsd: z.number().nullable(),
  persistenceMaeUsd: z.number().nullable(),
});
export type PoolForecastLine = z.output<typeof poolForecastLine>;

/** The last kept probability of a pool beside what else is known of its risk. */
export const poolRiskLine = z.object({
  pool: poolKeyText,
  madeAt: timeMs,
  forMs: timeMs,
  probability: z.number(),
  advisorProbability: z.number().nullable().meta({
    description: "Upper end of the advisor's band over the same horizon; null when unknown or open",
  }),
  nodeHours: z.number().meta({ description: 'Hours that Spot nodes of the pool were seen running, 30 days' }),
  interruptions: z
    .number()
    .int()
    .meta({ description: 'Nodes of the pool that were interrupted in these days' }),
});
export type PoolRiskLine = z.output<typeof poolRiskLine>;

/** The risk of a pool and who says so. */
export const interruptionForecast = z.object({
  pool: poolKeyText,
  maxPercentPerMonth: z
    .number()
    .nullable()
    .meta({ description: 'Percent of nodes interrupted in 30 days: of a model, or at most, of the advisor' }),
  source: z.enum(['model', 'advisor']).nullable(),
  probability: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .meta({ description: 'Within the horizon; of a model only' }),
  horizonHours: z.number().nullable(),
  provenance: provenance.nullable(),
});
export type InterruptionForecast = z.output<typeof interruptionForecast>;

/** An entry of the feature catalog: what a manifest may name. */
export const featureEntry = z.object({
  name: z.string(),
  unit: z.string(),
  description: z.string(),
  lookbackHours: z.number().meta({ description: 'How far before the time it looks' }),
  revision: z.number().meta({ description: 'Grows when the meaning changes' }),
});
export type FeatureEntry = z.output<typeof featureEntry>;

export const forecasts = {
  listFeatures: procedure({
    method: 'GET',
    path: '/api/v1/ml/features',
    access: 'viewer',
    tag: 'forecasts',
    summary: 'The feature catalog: every name that a manifest may use',
    response: z.object({ features: z.array(featureEntry) }),
  }),
  forecastSummaries: procedure({
    method: 'GET',
    path: '/api/v1/ml/forecasts',
    access: 'viewer',
    tag: 'forecasts',
    summary: 'What each model says now, and how it did',
    response: z.object({ forecasts: z.array(forecastSummary) }),
  }),
  forecastSeries: procedure({
    method: 'GET',
    path: '/api/v1/ml/forecasts/:model/series',
    access: 'viewer',
    tag: 'forecasts',
    summary: 'Predictions for a pool, drawn against what then happened',
    params: z.object({ model: z.string() }),
    query: z.object({ pool: poolKeyText, fromMs: z.coerce.number().int(), toMs: z.coerce.number().int() }),
    response: z.object({
      pool: poolKeyText,
      actual: z.array(pricePoint),
      predictions: z.array(seriesPrediction),
    }),
  }),
  forecastPools: procedure({
    method: 'GET',
    path: '/api/v1/ml/forecasts/:model/pools',
    access: 'viewer',
    tag: 'forecasts',
    summary: 'The last kept prediction of every pool, and the error there so far beside that of persistence',
    params: z.object({ model: z.string() }),
    response: z.object({ pools: z.array(poolForecastLine) }),
  }),
  riskPools: procedure({
    method: 'GET',
    path: '/api/v1/ml/forecasts/:model/risks',
    access: 'viewer',
    tag: 'forecasts',
    summary: 'The last kept probability of interruption of every pool, with what was seen there',
    params: z.object({ model: z.string() }),
    response: z.object({ pools: z.array(poolRiskLine) }),
  }),
  recomputePrediction: procedure({
    method: 'GET',
    path: '/api/v1/ml/forecasts/:model/recompute',
    access: 'viewer',
    tag: 'forecasts',
    summary: 'Make a kept prediction once more from what it was made from, and compare to the bit',
    params: z.object({ model: z.string() }),
    query: z.object({ pool: poolKeyText, madeAt: z.coerce.number().int() }),
    response: recomputation,
  }),
  predictSpotPrice: procedure({
    method: 'POST',
    path: '/api/v1/ml/predict/spot-price',
    access: 'viewer',
    tag: 'forecasts',
    summary: 'Prices at the horizon of the champion (or a named model) as of now',
    body: z.object({ modelId: z.string().optional(), pools: z.array(poolKeyText).max(10_000).optional() }),
    response: z.object({ modelId: z.string(), hashes: predictionHashes, predictions: z.array(prediction) }),
  }),
  predictInterruption: procedure({
    method: 'POST',
    path: '/api/v1/ml/predict/interruption',
    access: 'viewer',
    tag: 'forecasts',
    summary: 'Interruption risk of pools, of a named model or of what decisions use; null when unknown',
    body: z.object({
      modelId: z
        .string()
        .optional()
        .meta({ description: 'Without: the champion where it beats its baselines, else the advisor' }),
      pools: z.array(poolKeyText).min(1).max(10_000),
    }),
    response: z.object({
      modelId: z.string().nullable().meta({ description: 'The model that answered; null when none did' }),
      hashes: predictionHashes.nullable(),
      risks: z.array(interruptionForecast),
    }),
  }),
  predictRaw: procedure({
    method: 'POST',
    path: '/api/v1/ml/predict/raw',
    access: 'viewer',
    tag: 'forecasts',
    summary: 'Rows of feature values through a model as they are; null is a missing value',
    body: z.object({ modelId: z.string(), rows: numberRows }),
    response: z.object({ modelId: z.string(), outputs: numberRows }),
  }),
  evaluateModel: procedure({
    method: 'POST',
    path: '/api/v1/ml/evaluate',
    access: 'operator',
    tag: 'forecasts',
    summary: 'Predict over the gap and now, and compare with what happened; progress on forecasts/{model}',
    action: 'model.evaluate',
    body: z.object({ modelId: z.string() }),
    response: forecastSummary,
  }),
};
