import type { BacktestPoolRow, BacktestReport } from '../../../common/contracts/index.ts';
import type { Forecaster } from './forecaster.ts';
import { madeAtTimes, type TimeWindow } from './made-at-times.ts';
import { poolRows, reportBacktest } from './report-backtest.ts';
import { runBacktest } from './run-backtest.ts';

/** A backtest from prices to report. */
export interface BacktestPlan extends Omit<TimeWindow, 'horizonMs'> {
  readonly forecaster: Forecaster;
  readonly notes: readonly string[];
}

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
  { forecaster, notes, ...window }: BacktestPlan,
  signal: AbortSignal,
  tell: (pools: number, points: number) => void,
): Promise<BacktestResult> {
  const timesMs = madeAtTimes({ ...window, horizonMs: forecaster.horizonMs });
  const tally = await runBacktest({ forecaster, pools: window.pools, timesMs }, signal, tell);
  const { stepMs, trainedUntilMs, isEmbargoLifted } = window;
  const facts = { forecaster, timesMs, stepMs, trainedUntilMs, isEmbargoLifted, notes };
  return { report: reportBacktest(tally, facts), pools: poolRows(tally) };
}
