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
export { poolsAsCsv, riskPoolsAsCsv } from './render-csv.ts';
export { reportAsHtml } from './render-html.ts';
export {
  backtestRisks,
  isRiskBaseline,
  modelRiskForecaster,
  type RecordedPools,
  type RiskBacktestResult,
  type RiskForecaster,
  readAvailability,
  riskBaselineForecaster,
  riskBaselineNames,
  riskReportAsHtml,
} from './risk/index.ts';
