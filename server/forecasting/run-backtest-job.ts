import type { BacktestOrder } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, type Pool } from '../../common/units/index.ts';
import {
  type BacktestResult,
  backtestPools,
  baselineForecaster,
  type Forecaster,
  isBaseline,
  modelForecaster,
} from './backtest/index.ts';
import { featureCatalog } from './features/index.ts';
import type { ForecastParts } from './forecast-parts.ts';
import { sliceFor } from './predict.ts';

/** What baselines look back, and every point needs. */
const LOOKBACK_MS = 8 * MS_PER_DAY;
/** What is tested unless told, where there is no embargo: as much as EC2 keeps. */
const USUAL_MS = 90 * MS_PER_DAY;
const USUAL_HORIZON_HOURS = 24;

/** How far a backtest is. */
export interface BacktestStep {
  readonly phase: 'reading' | 'testing';
  readonly pools: number;
  readonly poolsTotal: number;
  readonly points: number;
}

/**
 * A backtest of a model, or of a baseline, on the prices in the database; see `backtestPools`.
 * @throws AppError `input.invalid` for what cannot be tested, `resource.not-found` for an unknown model, `model.faulty` when it
 * fails; what `signal` was aborted with
 */
export async function runBacktestJob(
  parts: ForecastParts,
  order: BacktestOrder,
  signal: AbortSignal,
  tell: (step: BacktestStep) => void,
): Promise<BacktestResult> {
  const { market, clock } = parts;
  const subject = await subjectOf(parts, order);
  const { forecaster, trainedUntilMs } = subject;
  const nowMs = clock.now();
  const isEmbargoLifted = order.includeTrained;
  const embargoMs =
    trainedUntilMs === undefined || isEmbargoLifted ? undefined : trainedUntilMs + forecaster.horizonMs;
  // Within an embargo nothing is read that would not be counted.
  const fromMs = order.fromMs ?? (embargoMs === undefined ? nowMs - USUAL_MS : undefined);
  const toMs = Math.min(order.toMs ?? nowMs, nowMs);
  const known = await subject.pools();
  tell({ phase: 'reading', pools: 0, poolsTotal: known.length, points: 0 });
  const lookbackMs = featureCatalog.lookbackMs(forecaster.features);
  const neededFromMs = Math.max(fromMs ?? 0, embargoMs ?? 0) - Math.max(0, LOOKBACK_MS - lookbackMs);
  const slice = await sliceFor(market, forecaster.features, known, neededFromMs, toMs);
  signal.throwIfAborted();
  const pools = slice.pools.filter(({ atMs }) => atMs.length > 0);
  if (pools.length === 0) {
    throw new AppError('input.invalid', 'There are no prices on disk of the pools that are to be tested.', {
      hint: 'Fill the gap of the model, or import an archive, and try again.',
    });
  }
  const { policy } = order;
  return await backtestPools(
    {
      ...{
        forecaster,
        market: { ...slice, pools },
        fromMs,
        toMs,
        trainedUntilMs,
        isEmbargoLifted,
        notes: [],
      },
      stepMs: order.stepMinutes * MS_PER_MINUTE,
      policy: policy && policyJobsOf(policy),
    },
    signal,
    (done, points) => tell({ phase: 'testing', pools: done, poolsTotal: pools.length, points }),
  );
}

/** The jobs that an order compares policies by. */
export function policyJobsOf({
  workHours,
  deadlineHours,
  changeoverMinutes,
  everyHours,
}: NonNullable<BacktestOrder['policy']>) {
  return {
    job: {
      workMs: workHours * MS_PER_HOUR,
      deadlineMs: deadlineHours * MS_PER_HOUR,
      changeoverMs: changeoverMinutes * MS_PER_MINUTE,
    },
    everyMs: everyHours * MS_PER_HOUR,
  };
}

interface Subject {
  readonly forecaster: Forecaster;
  readonly trainedUntilMs: number | undefined;
  pools(): Promise<Pool[]>;
}

async function subjectOf({ market, models }: ForecastParts, order: BacktestOrder): Promise<Subject> {
  const { modelId, horizonHours, regions } = order;
  if (isBaseline(modelId)) {
    const horizonMs = (horizonHours ?? USUAL_HORIZON_HOURS) * MS_PER_HOUR;
    const known = async () =>
      regions ?? [...new Set((await market.coverage.all()).map(({ region }) => region))];
    return {
      forecaster: baselineForecaster(modelId, horizonMs),
      trainedUntilMs: undefined,
      pools: async () =>
        market.prices.pools({ regions: await known(), instanceTypes: [], products: ['Linux/UNIX'] }),
    };
  }
  const model = await models.get(modelId);
  const { manifest } = model;
  if (manifest.task !== 'spot-price') {
    throw new AppError(
      'input.invalid',
      `"${manifest.name}" is a model for ${manifest.task}; only spot-price models are tested on prices.`,
      { hint: 'A model of interruptions is tested on a recording of availability (recording).' },
    );
  }
  if (horizonHours !== undefined && horizonHours !== manifest.horizonHours) {
    throw new AppError(
      'input.invalid',
      `horizonHours is ${horizonHours}, but "${manifest.name}" says ${manifest.horizonHours}.`,
      { hint: 'Leave horizonHours out.' },
    );
  }
  return {
    forecaster: modelForecaster(manifest, await models.openSession(modelId)),
    trainedUntilMs: model.trainedUntilMs,
    pools: () => market.prices.pools(manifest.scope),
  };
}
