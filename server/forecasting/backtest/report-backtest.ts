import type { BacktestPoolRow, BacktestReport } from '../../../common/contracts/index.ts';
import { seededRandom } from '../../../common/seeded-random.ts';
import { MICRO_USD_PER_USD, MS_PER_HOUR, MS_PER_MINUTE } from '../../../common/units/index.ts';
import { dieboldMariano } from '../diebold-mariano.ts';
import { areTooFew, judge, sentenceOf } from '../verdict.ts';
import { baselineNames, baselineSentences, isBaseline } from './baselines.ts';
import type { Forecaster } from './forecaster.ts';
import { blockBootstrap } from './metrics/block-bootstrap.ts';
import { MOVE_THRESHOLD, type PoolTally } from './pool-tally.ts';
import { type Embargoed, embargoOf, isoTime, stretchesOf } from './report-parts.ts';
import type { BacktestTally } from './run-backtest.ts';

/** What a report says besides the sums. */
export interface ReportFacts extends Embargoed {
  readonly forecaster: Pick<Forecaster, 'name' | 'horizonMs' | 'unknownFeatures'>;
  readonly stepMs: number;
  readonly notes: readonly string[];
}

/** The same input always gives the same interval. */
const SEED = 1;

/** The report of a backtest, from its sums. Errors become USD per hour here. */
export function reportBacktest(tally: BacktestTally, facts: ReportFacts): BacktestReport {
  const { forecaster, stepMs, timesMs } = facts;
  const { totals, baselines } = tally;
  const counted = [...timesMs.keys()].filter(place => (tally.pointsAt[place] ?? 0) > 0);
  const { mae, rmse, bias, points } = totals.model;
  const persistenceMae = totals.persistence.mae;
  const errors = {
    points,
    pools: tally.pools.length,
    times: counted.length,
    maeUsd: usd(mae),
    baselineMaeUsd: usd(persistenceMae),
  };
  const isTheBar = forecaster.name === 'persistence';
  const stepsAhead = forecaster.horizonMs / stepMs;
  const test =
    isTheBar || areTooFew(errors) ? undefined : dieboldMariano(gainsUsd(tally, counted), stepsAhead);
  const verdict = isTheBar ? 'baseline' : judge(errors, test);
  const sentence = verdict === 'baseline' ? sentenceOfBar(errors) : sentenceOf(verdict, errors, test);
  const mapeOfPools = tally.pools.map(each => each.tally.model.mapePercent).sort((a, b) => a - b);
  return {
    model: forecaster.name,
    horizonHours: forecaster.horizonMs / MS_PER_HOUR,
    pools: errors.pools,
    points,
    mae: usd(mae),
    rmse: usd(rmse),
    mape: mean(mapeOfPools),
    mase: persistenceMae === 0 ? null : mae / persistenceMae,
    bias: usd(bias),
    ...quantilesOf(tally),
    baseline: {
      name: 'persistence',
      mae: errors.baselineMaeUsd,
      mape: baselines.persistence.mapeOfPools / errors.pools,
    },
    baselines: baselineNames.map(name => ({
      name,
      sentence: baselineSentences[name],
      mae: usd(baselines[name].errors.mae),
      rmse: usd(baselines[name].errors.rmse),
      mape: baselines[name].mapeOfPools / errors.pools,
    })),
    dieboldMariano: test ?? null,
    intervals: intervalsOf(tally, counted, stepsAhead),
    changed: changedOf(totals),
    moves: movesOf(totals),
    mapeOfPools: {
      median: at(mapeOfPools, 0.5),
      p90: at(mapeOfPools, 0.9),
      max: at(mapeOfPools, 1),
    },
    verdict,
    sentence: isBaseline(forecaster.name) ? sentence.replace('the model', forecaster.name) : sentence,
    from: isoTime(timesMs[counted[0] ?? 0] ?? 0),
    to: isoTime(timesMs[counted.at(-1) ?? 0] ?? 0),
    stepMinutes: stepMs / MS_PER_MINUTE,
    embargo: embargoOf(tally.pointsAt, facts),
    leftOut: {
      pools: tally.poolsWithoutPoints,
      unknownPrice: tally.unknownPrice,
      noForecast: tally.noForecast,
      unknownFeatures: [...forecaster.unknownFeatures]
        .map(([feature, rows]) => ({ feature, rows }))
        .sort((a, b) => b.rows - a.rows),
    },
    timeline: stretchesOf(timesMs, tally.pointsAt).map(({ at: from, points: many, meanOf }) => ({
      at: from,
      points: many,
      mae: usd(meanOf(tally.modelErrorAt)),
      baselineMae: usd(meanOf(tally.persistenceErrorAt)),
    })),
    notes: [...facts.notes],
  };
}

/** One row for each pool with points, the one with the largest error beside persistence first. */
export function poolRows({ pools }: BacktestTally): BacktestPoolRow[] {
  return pools
    .map(({ pool, tally: { model, persistence, changedModel, changedPersistence } }) => ({
      pool,
      points: model.points,
      mae: usd(model.mae),
      rmse: usd(model.rmse),
      mape: model.mapePercent,
      bias: usd(model.bias),
      baselineMae: usd(persistence.mae),
      baselineMape: persistence.mapePercent,
      mase: persistence.mae === 0 ? null : model.mae / persistence.mae,
      changedPoints: changedModel.points,
      changedMae: changedModel.points === 0 ? null : usd(changedModel.mae),
      changedBaselineMae: changedModel.points === 0 ? null : usd(changedPersistence.mae),
    }))
    .sort((a, b) => b.mae - b.baselineMae - (a.mae - a.baselineMae) || (a.pool < b.pool ? -1 : 1));
}

/** Pools move together, so their points at one time are one observation: their mean. */
function gainsUsd(tally: BacktestTally, counted: readonly number[]): number[] {
  return counted.map(place => {
    const gain = (tally.persistenceErrorAt[place] ?? 0) - (tally.modelErrorAt[place] ?? 0);
    return usd(gain / (tally.pointsAt[place] ?? 1));
  });
}

/** Blocks are as long as the horizon, because errors within it overlap, and at least the cube root of the times. */
function intervalsOf(
  tally: BacktestTally,
  counted: readonly number[],
  stepsAhead: number,
): BacktestReport['intervals'] {
  const columns = [tally.modelErrorAt, tally.persistenceErrorAt, tally.pointsAt].map(column =>
    Float64Array.from(counted, place => column[place] ?? 0),
  );
  const block = Math.max(stepsAhead, Math.cbrt(counted.length));
  const interval = (statistic: (model: number, persistence: number, points: number) => number) =>
    blockBootstrap(columns, ([m = 0, p = 0, n = 0]) => statistic(m, p, n), block, seededRandom(SEED)) ?? null;
  return {
    mae: interval((model, _, points) => usd(model / points)),
    baselineMae: interval((_, persistence, points) => usd(persistence / points)),
    mase: interval((model, persistence) => model / persistence),
  };
}

function quantilesOf({
  quantiles,
}: BacktestTally): Partial<Pick<BacktestReport, 'pinball' | 'coverage' | 'quantiles'>> {
  if (!quantiles) return {};
  const { nominal, observed, width } = quantiles.coverage;
  return {
    pinball: usd(quantiles.pinball),
    coverage: observed,
    quantiles: {
      levels: quantiles.scores.map(score => ({ ...score, pinball: usd(score.pinball) })),
      nominalCoverage: nominal,
      meanWidth: usd(width),
    },
  };
}

function changedOf({
  changedModel,
  changedPersistence,
  rightDirection,
}: PoolTally): BacktestReport['changed'] {
  const { points } = changedModel;
  if (points === 0) return { points, mae: null, baselineMae: null, direction: null };
  return {
    points,
    mae: usd(changedModel.mae),
    baselineMae: usd(changedPersistence.mae),
    direction: rightDirection / points,
  };
}

function movesOf({ movesHappened, movesForetold, movesRight }: PoolTally): BacktestReport['moves'] {
  return {
    thresholdPercent: MOVE_THRESHOLD * 100,
    happened: movesHappened,
    foretold: movesForetold,
    right: movesRight,
    precision: movesForetold === 0 ? null : movesRight / movesForetold,
    recall: movesHappened === 0 ? null : movesRight / movesHappened,
  };
}

function sentenceOfBar({ points, pools, maeUsd }: { points: number; pools: number; maeUsd: number }): string {
  return `This is the bar: on ${points.toLocaleString('en-US')} points of ${pools.toLocaleString('en-US')} pools persistence ("the last price stays") is off by $${Number(maeUsd.toPrecision(3))}/h on average.`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
}

function usd(microUsd: number): number {
  return microUsd / MICRO_USD_PER_USD;
}
