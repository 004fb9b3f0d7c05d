export { baselineForecaster, baselineNames, baselineSentences, isBaseline } from './baselines.ts';
export type { Forecaster } from './forecaster.ts';
export { madeAtTimes } from './made-at-times.ts';
export { modelForecaster, type RowRunner } from './model-forecaster.ts';
export type { BacktestPool } from './price-points.ts';
export { poolRows, reportBacktest } from './report-backtest.ts';
export { runBacktest } from './run-backtest.ts';
