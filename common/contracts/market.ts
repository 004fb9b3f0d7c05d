import { z } from 'zod';
import { catalogProcedures } from './catalog.ts';
import { commitmentsProcedures } from './commitments.ts';
import { poolProcedures } from './pools.ts';
import { procedure } from './procedure.ts';
import { microUsd, poolKeyText, timeMs } from './values.ts';

export const interval = z.object({ fromMs: timeMs, toMs: timeMs });
export type Interval = z.output<typeof interval>;

/** A step of the price function: in force from `atMs` until the next one. */
export const pricePoint = z.object({ atMs: timeMs, priceMicroUsdPerHour: microUsd });
export type PricePoint = z.output<typeof pricePoint>;

export const poolSummary = z.object({
  pool: poolKeyText,
  region: z.string(),
  availabilityZone: z.string(),
  instanceType: z.string(),
  product: z.string(),
  lastPriceMicroUsdPerHour: microUsd,
  lastPriceAt: timeMs,
  onDemandMicroUsdPerHour: microUsd.nullable(),
  records: z.number().int(),
});
export type PoolSummary = z.output<typeof poolSummary>;

/** Which pools: empty lists mean "all". */
export const marketScope = z.object({
  regions: z.array(z.string()).min(1),
  instanceTypes: z.array(z.string()).default([]),
  products: z.array(z.string()).default(['Linux/UNIX']),
});
export type MarketScope = z.output<typeof marketScope>;

export const gapSlice = z.object({
  region: z.string(),
  product: z.string(),
  instanceTypes: z
    .array(z.string())
    .meta({ description: 'Types of the scope that lack this time; empty: all types there are' }),
  fromMs: timeMs,
  toMs: timeMs,
  fillable: z
    .boolean()
    .meta({ description: 'true: the EC2 API reaches back that far; false: needs an archive' }),
  joinsCovered: z.boolean().meta({
    description: 'Covered time ends where it begins, so that the prices in force there are on disk',
  }),
});
export type GapSlice = z.output<typeof gapSlice>;

/** A silence of one pool of more than 24.5 h within covered time, after which the pool lived on. */
export const poolHole = z.object({
  pool: poolKeyText,
  fromMs: timeMs,
  toMs: timeMs,
  fillable: z.boolean().meta({ description: 'Within the 90 days that EC2 keeps' }),
});
export type PoolHole = z.output<typeof poolHole>;

/** Pools of a scope, by what covered time says of them. */
export const poolsHeld = z.object({
  total: z.number().int().meta({ description: 'Pools of which any price was ever seen' }),
  withHoles: z.number().int(),
  retired: z.number().int().meta({ description: 'Silent up to the end of covered time: no longer sold' }),
  bornLater: z.number().int().meta({ description: 'First seen well after covered time begins' }),
});
export type PoolsHeld = z.output<typeof poolsHeld>;

export const gapAnalysis = z.object({
  scope: marketScope,
  neededFromMs: timeMs,
  nowMs: timeMs,
  trainedUntilMs: timeMs.nullable(),
  /** Days from "trained until" to now. */
  gapDays: z.number(),
  slices: z.array(gapSlice),
  fillableMs: z.number().int(),
  archiveMs: z.number().int().meta({ description: 'Time before the 90 days that EC2 keeps' }),
  estimatedRows: z.number().int(),
  estimatedRequests: z.number().int(),
  estimatedSeconds: z.number(),
  estimatedWalks: z.number().int().meta({ description: 'Walks through pages that a fill would make' }),
  rowsPerPoolDay: z
    .number()
    .meta({ description: 'What the estimates rest on; measured where rows are held' }),
  pools: poolsHeld,
  holes: z.array(poolHole).meta({ description: 'The first of them; `holesTotal` counts all' }),
  holesTotal: z.number().int(),
});
export type GapAnalysis = z.output<typeof gapAnalysis>;

export const fillStates = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;

export const fillProgress = z.object({
  jobId: z.string(),
  modelId: z.string().nullable(),
  collectionId: z
    .string()
    .nullable()
    .meta({ description: 'The collection that asked for it; null where a person did' }),
  scope: marketScope,
  fromMs: timeMs,
  toMs: timeMs,
  state: z.enum(fillStates),
  rows: z.number().int().meta({ description: 'Rows received so far' }),
  newRows: z.number().int().meta({ description: 'Rows that were not on disk before' }),
  requests: z.number().int(),
  throttled: z.number().int().meta({ description: 'Requests that EC2 refused for now' }),
  percent: z.number().min(0).max(100),
  rowsPerSecond: z.number(),
  etaMs: z.number().nullable().meta({ description: 'Milliseconds that remain; null while unknown' }),
  startedAt: timeMs.nullable(),
  endedAt: timeMs.nullable(),
  message: z
    .string()
    .nullable()
    .meta({ description: 'What went wrong and what to do, or what was left out' }),
});
export type FillProgress = z.output<typeof fillProgress>;

/** Prices that are collected from now on, so that the 90 days of EC2 never run out again. */
export const collection = z.object({
  id: z.string(),
  scope: marketScope.nullable().meta({ description: 'null: the scopes of all models, whichever they are' }),
  addedAt: timeMs,
  isPaused: z.boolean(),
  lastRunAt: timeMs.nullable(),
  nextRunAt: timeMs.nullable().meta({ description: 'null while it is paused' }),
  newRows: z.number().int().meta({ description: 'Rows that the last run brought' }),
  failures: z.number().int().meta({ description: 'Runs that failed in a row; each doubles the pause' }),
  message: z.string().nullable().meta({ description: 'Why the last run failed and what to do' }),
});
export type Collection = z.output<typeof collection>;

/** A model by id, or a scope by hand. */
const gapRequest = z.object({
  modelId: z.string().optional(),
  scope: marketScope.optional(),
  fromMs: timeMs.optional().meta({ description: 'Start of what is needed; with a scope by hand' }),
  toMs: timeMs.optional().meta({ description: 'End of what is needed; now unless told' }),
  again: z
    .boolean()
    .optional()
    .meta({ description: 'Asks for time on disk once more, for the sake of holes in it' }),
});

export const market = {
  analyzeGap: procedure({
    method: 'POST',
    path: '/api/v1/ml/gap-filler/analyze',
    access: 'viewer',
    tag: 'market',
    summary: 'What a model needs, less what is on disk',
    body: gapRequest,
    response: gapAnalysis,
  }),
  fillGap: procedure({
    method: 'POST',
    path: '/api/v1/ml/gap-filler/fill',
    access: 'operator',
    tag: 'market',
    summary: 'Start to fill a gap from EC2; a fill of the same scope that runs already is returned instead',
    action: 'gap.fill',
    body: gapRequest,
    response: fillProgress,
  }),
  getFill: procedure({
    method: 'GET',
    path: '/api/v1/ml/gap-filler/fill/:job',
    access: 'viewer',
    tag: 'market',
    summary: 'Progress of a fill',
    params: z.object({ job: z.string() }),
    response: fillProgress,
  }),
  listFills: procedure({
    method: 'GET',
    path: '/api/v1/ml/gap-filler/fills',
    access: 'viewer',
    tag: 'market',
    summary: 'Fills, newest first',
    response: z.object({ fills: z.array(fillProgress) }),
  }),
  cancelFill: procedure({
    method: 'POST',
    path: '/api/v1/ml/gap-filler/fill/:job/cancel',
    access: 'operator',
    tag: 'market',
    summary: 'Stop a fill; what is on disk stays and the next fill goes on from there',
    action: 'gap.cancel',
    params: z.object({ job: z.string() }),
    response: fillProgress,
  }),
  listPools: procedure({
    method: 'GET',
    path: '/api/v1/ml/market/pools',
    access: 'viewer',
    tag: 'market',
    summary: 'Pools with their last known price',
    query: z.object({
      region: z.string().optional(),
      product: z.string().default('Linux/UNIX'),
      search: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(10_000).default(2_000),
    }),
    response: z.object({ pools: z.array(poolSummary), total: z.number().int() }),
  }),
  priceHistory: procedure({
    method: 'GET',
    path: '/api/v1/ml/market/prices',
    access: 'viewer',
    tag: 'market',
    summary: 'Change records of a pool, the one in force at the start included, and the holes among them',
    query: z.object({ pool: poolKeyText, fromMs: z.coerce.number().int(), toMs: z.coerce.number().int() }),
    response: z.object({ pool: poolKeyText, points: z.array(pricePoint), holes: z.array(interval) }),
  }),
  coverage: procedure({
    method: 'GET',
    path: '/api/v1/ml/market/coverage',
    access: 'viewer',
    tag: 'market',
    summary: 'Which time of which region and product is on disk',
    response: z.object({
      coverage: z.array(
        z.object({
          region: z.string(),
          product: z.string(),
          pools: z.number().int(),
          intervals: z.array(interval),
        }),
      ),
      totalRecords: z.number().int(),
      bytesPerRecord: z
        .number()
        .nullable()
        .meta({ description: 'Measured; null while there are no records' }),
      bytesOnDisk: z
        .number()
        .int()
        .meta({ description: 'What all records take, from the two figures above' }),
    }),
  }),
  listCollections: procedure({
    method: 'GET',
    path: '/api/v1/ml/market/collections',
    access: 'viewer',
    tag: 'market',
    summary: 'What is collected from now on, how it goes, and how long prices are kept',
    response: z.object({
      collections: z.array(collection),
      retentionDays: z.number().int().meta({ description: '0: for ever' }),
    }),
  }),
  addCollection: procedure({
    method: 'POST',
    path: '/api/v1/ml/market/collections',
    access: 'operator',
    tag: 'market',
    summary: 'Ask EC2 each hour for the new prices of a scope, or of the scopes of all models',
    action: 'market.collect',
    body: z.object({ scope: marketScope.optional(), models: z.boolean().optional() }),
    response: collection,
  }),
  pauseCollection: procedure({
    method: 'POST',
    path: '/api/v1/ml/market/collections/:id/pause',
    access: 'operator',
    tag: 'market',
    summary: 'Pause a collection, or let it go on; what was missed is asked for then',
    action: 'market.pause-collection',
    params: z.object({ id: z.string() }),
    body: z.object({ paused: z.boolean() }),
    response: collection,
  }),
  changeCollection: procedure({
    method: 'POST',
    path: '/api/v1/ml/market/collections/:id/scope',
    access: 'operator',
    tag: 'market',
    summary: 'Collect another scope, or the scopes of all models, in place of what it was',
    action: 'market.change-collection',
    params: z.object({ id: z.string() }),
    body: z.object({ scope: marketScope.optional(), models: z.boolean().optional() }),
    response: collection,
  }),
  removeCollection: procedure({
    method: 'DELETE',
    path: '/api/v1/ml/market/collections/:id',
    access: 'operator',
    tag: 'market',
    summary: 'Collect this no more; prices on disk stay',
    action: 'market.remove-collection',
    params: z.object({ id: z.string() }),
    response: collection,
  }),
  ...poolProcedures,
  ...catalogProcedures,
  ...commitmentsProcedures,
};
