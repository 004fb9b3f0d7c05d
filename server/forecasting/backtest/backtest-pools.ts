import type { BacktestPoolRow, BacktestReport } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import type { MarketSlice } from '../features/index.ts';
import type { Forecaster } from './forecaster.ts';
import { madeAtTimes, type TimeWindow } from './made-at-times.ts';
import { comparePolicies, type PolicyOrder, tracesOfPrices } from './policy/index.ts';
import { poolRows, reportBacktest } from './report-backtest.ts';
import { type BacktestTally, runBacktest } from './run-backtest.ts';

/** Which times a backtest is about; see `TimeWindow`. */
export type TestedTimes = Omit<TimeWindow, 'horizonMs' | 'knownFromMs' | 'knownToMs' | 'what'>;

/** A backtest from prices to report. */
export interface BacktestPlan extends TestedTimes {
  readonly market: MarketSlice;
  readonly forecaster: Forecaster;
  readonly notes: readonly string[];
  /** Jobs with which to find out what the forecaster is worth in dollars, where that is asked for. */
  readonly policy?: Omit<PolicyOrder, 'assumptions'> | undefined;
}

const priceAssumptions: readonly string[] = [
  'Zones of one region with the same instance type stand in for each other; types with a single zone are left out.',
  'A pool whose price is known can be had: archives of prices say nothing of interruptions. Those seen here are pools that fell silent.',
  'On-demand prices come from the catalog; where it knows none for some type, nothing is compared with on demand.',
];

/** What came of it. */
export interface BacktestResult {
  readonly report: BacktestReport;
  /** The one with the largest error beside persistence first. */
  readonly pools: readonly BacktestPoolRow[];
}

/**
 * Tests a forecaster on prices; see `madeAtTimes` for which times, `runBacktest` for which points.
 * @param tell hears how many pools have been tested
 * @throws AppError `input.invalid` when there is nothing to test; what the forecaster throws and `signal` was aborted with
 */
export async function backtestPools(
  { forecaster, market, notes, policy, ...window }: BacktestPlan,
  signal: AbortSignal,
  tell: (pools: number, points: number) => void,
): Promise<BacktestResult> {
  const timesMs = madeAtTimes({
    ...window,
    horizonMs: forecaster.horizonMs,
    knownFromMs: Math.min(...market.pools.map(({ atMs }) => atMs[0] ?? Number.POSITIVE_INFINITY)),
    knownToMs: Math.max(...market.pools.map(({ atMs }) => atMs.at(-1) ?? Number.NEGATIVE_INFINITY)),
    what: 'prices',
  });
  const tally = await runBacktest({ forecaster, market, timesMs }, signal, tell);
  if (tally.totals.model.points === 0) throw nothingToCompare(tally, forecaster);
  const { stepMs, trainedUntilMs, isEmbargoLifted } = window;
  const facts = { forecaster, timesMs, stepMs, trainedUntilMs, isEmbargoLifted, notes };
  const report = reportBacktest(tally, facts);
  if (!policy) return { report, pools: poolRows(tally) };
  const traces = await tracesOfPrices(market, timesMs, stepMs, forecaster, signal);
  const compared = await comparePolicies(traces, { ...policy, assumptions: priceAssumptions }, signal, done =>
    tell(done, report.points),
  );
  return { report: { ...report, policy: compared }, pools: poolRows(tally) };
}

function nothingToCompare(
  { noForecast, unknownPrice }: BacktestTally,
  { unknownFeatures }: Forecaster,
): AppError {
  const [most] = [...unknownFeatures].sort(([, a], [, b]) => b - a);
  if (most) {
    const [feature, rows] = most;
    return new AppError(
      'input.invalid',
      `The model could say nothing at any time: its feature "${feature}" is unknown at ${rows.toLocaleString('en-US')} of ${noForecast.toLocaleString('en-US')} pool-times.`,
      {
        hint: 'Give prices from further back; list prices and types come from the catalog, see "market catalog import".',
      },
    );
  }
  return new AppError(
    'input.invalid',
    `No prediction can be compared: at each of ${unknownPrice.toLocaleString('en-US')} pool-times the price is unknown then, in the week before or at the horizon.`,
    {
      hint: 'Give prices of a longer time: a week before the first prediction, and the horizon after the last one.',
    },
  );
}
