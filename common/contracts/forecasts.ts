import { z } from 'zod';
import { pricePoint } from './market.ts';
import { numberRows } from './number-rows.ts';
import { procedure } from './procedure.ts';
import { microUsd, poolKeyText, provenance, timeMs } from './values.ts';

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
});
export type Prediction = z.output<typeof prediction>;

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
});
export type Evaluation = z.output<typeof evaluation>;

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
  features: z.array(z.object({ name: z.string(), value: z.number() })),
  keptPriceMicroUsdPerHour: microUsd,
  recomputedPriceMicroUsdPerHour: microUsd.nullable(),
  keptOutput: z.number().nullable(),
  recomputedOutput: z.number().nullable(),
  verdict: z.enum(['equal', 'different', 'unknown']).meta({ description: 'Equal means to the bit' }),
  sentence: z.string(),
});
export type Recomputation = z.output<typeof recomputation>;

/** What a model says now, and how far it can be trusted. */
export const forecastSummary = z.object({
  modelId: z.string(),
  modelName: z.string(),
  horizonHours: z.number(),
  state: z.enum(['none', 'running', 'ready', 'failed']),
  message: z.string().nullable(),
  madeAt: timeMs.nullable(),
  pools: z.number().int(),
  predictions: z.number().int(),
  /** What decisions use: the model when it is better than persistence, else persistence. */
  serving: z.enum(['model', 'persistence']),
  evaluation: evaluation.nullable(),
  drift: drift.nullable(),
});
export type ForecastSummary = z.output<typeof forecastSummary>;

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
    response: z.object({ pool: poolKeyText, actual: z.array(pricePoint), predictions: z.array(prediction) }),
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
    response: z.object({ modelId: z.string(), predictions: z.array(prediction) }),
  }),
  predictInterruption: procedure({
    method: 'POST',
    path: '/api/v1/ml/predict/interruption',
    access: 'viewer',
    tag: 'forecasts',
    summary: 'Interruption risk of pools for a month; null when unknown',
    body: z.object({ pools: z.array(poolKeyText).min(1).max(10_000) }),
    response: z.object({
      risks: z.array(
        z.object({
          pool: poolKeyText,
          maxPercentPerMonth: z.number().nullable(),
          provenance: provenance.nullable(),
        }),
      ),
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
