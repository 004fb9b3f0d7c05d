import type { BacktestOrder } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { MS_PER_HOUR, MS_PER_MINUTE, type Pool, poolKey } from '../../common/units/index.ts';
import {
  backtestRisks,
  isRiskBaseline,
  modelRiskForecaster,
  type RiskBacktestResult,
  type RiskForecaster,
  readAvailability,
  riskBaselineForecaster,
} from './backtest/index.ts';
import type { MarketSlice } from './features/index.ts';
import { demandTask, type ForecastParts } from './forecast-parts.ts';
import { isInScope, sliceFor } from './predict.ts';
import type { RecordingStore } from './recording-store.ts';
import { type BacktestStep, policyJobsOf } from './run-backtest-job.ts';

/** Recordings tell no product; Spot capacity is recorded with Linux. */
const PRODUCT = 'Linux/UNIX';
const USUAL_HORIZON_HOURS = 24;

/**
 * A backtest of a model of interruptions, or of a baseline, on a kept recording; see `backtestRisks`. Prices of the recorded pools come
 * from the database, else from the recording.
 * @throws AppError `input.invalid` for what cannot be tested, `resource.not-found` for an unknown model or recording, `model.faulty` when
 * it fails; what `signal` was aborted with
 */
export async function runRiskBacktestJob(
  parts: ForecastParts & { readonly recordings: RecordingStore },
  order: BacktestOrder,
  recording: NonNullable<BacktestOrder['recording']>,
  signal: AbortSignal,
  tell: (step: BacktestStep) => void,
): Promise<RiskBacktestResult> {
  const { forecaster, trainedUntilMs, holds } = await subjectOf(parts, order);
  const text = await parts.recordings.text(recording.sha256);
  if (text === undefined) {
    throw new AppError('resource.not-found', `The recording "${recording.name}" is not kept any more.`, {
      hint: 'Send it again.',
    });
  }
  const nodes = 1;
  const recorded = readAvailability([{ name: recording.name, text }], { product: PRODUCT, nodes });
  const availability = recorded.availability.filter(({ pool }) => holds(pool));
  if (availability.length === 0) {
    throw new AppError(
      'input.invalid',
      `None of the ${recorded.availability.length} pools of "${recording.name}" is in the scope of the model.`,
      { hint: 'Give a recording of the regions and types of the model.' },
    );
  }
  tell({ phase: 'reading', pools: 0, poolsTotal: availability.length, points: 0 });
  const pools = availability.map(({ pool }) => pool);
  const fromMs = Math.min(...availability.map(({ fromMs: from }) => from));
  const toMs = Math.max(...availability.map(({ toMs: to }) => to));
  const slice = await sliceFor(parts.market, forecaster.features, pools, fromMs, toMs);
  signal.throwIfAborted();
  const isLifted = order.includeTrained;
  return backtestRisks(
    {
      ...{ forecaster, availability, trainedUntilMs, isEmbargoLifted: isLifted, nodes, notes: [] },
      ...{ fromMs: order.fromMs, toMs: order.toMs, origins: order.origins },
      market: withRecordedPrices(slice, recorded.prices),
      stepMs: order.stepMinutes * MS_PER_MINUTE,
      policy: order.policy && {
        files: [{ name: recording.name, text }],
        spot: undefined,
        onDemand: undefined,
        jobs: policyJobsOf(order.policy),
      },
    },
    signal,
    (done, points) => tell({ phase: 'testing', pools: done, poolsTotal: availability.length, points }),
  );
}

function withRecordedPrices(slice: MarketSlice, prices: MarketSlice['pools']): MarketSlice {
  const known = slice.pools.filter(({ atMs }) => atMs.length > 0);
  const told = new Set(known.map(({ pool }) => poolKey(pool)));
  return { ...slice, pools: [...known, ...prices.filter(({ pool }) => !told.has(poolKey(pool)))] };
}

async function subjectOf(
  { models }: ForecastParts,
  { modelId, horizonHours }: BacktestOrder,
): Promise<{
  forecaster: RiskForecaster;
  trainedUntilMs: number | undefined;
  holds(pool: Pool): boolean;
}> {
  if (isRiskBaseline(modelId)) {
    const horizonMs = (horizonHours ?? USUAL_HORIZON_HOURS) * MS_PER_HOUR;
    const forecaster = riskBaselineForecaster(modelId, horizonMs);
    return { forecaster, trainedUntilMs: undefined, holds: () => true };
  }
  const model = demandTask(await models.get(modelId), 'interruption');
  const { manifest } = model;
  if (horizonHours !== undefined && horizonHours !== manifest.horizonHours) {
    throw new AppError(
      'input.invalid',
      `horizonHours is ${horizonHours}, but "${manifest.name}" says ${manifest.horizonHours}.`,
      { hint: 'Leave horizonHours out.' },
    );
  }
  return {
    forecaster: modelRiskForecaster(manifest, await models.openSession(modelId)),
    trainedUntilMs: model.trainedUntilMs,
    holds: pool => isInScope(manifest.scope, pool),
  };
}
