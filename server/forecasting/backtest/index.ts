export { type BacktestPlan, type BacktestResult, backtestPools } from './backtest-pools.ts';
export { baselineForecaster, baselineNames, isBaseline } from './baselines.ts';
export type { Forecaster } from './forecaster.ts';
export { modelForecaster } from './model-forecaster.ts';
export {
  availabilitySkill,
  comparePolicies,
  type PolicyOrder,
  policiesAsHtml,
  readTraces,
  worthOf,
} from './policy/index.ts';
export { poolsAsCsv } from './render-csv.ts';
export { reportAsHtml } from './render-html.ts';
