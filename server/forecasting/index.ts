export {
  availabilitySkill,
  type BacktestResult,
  backtestPools,
  backtestRisks,
  baselineForecaster,
  baselineNames,
  comparePolicies,
  type Forecaster,
  isBaseline,
  isRiskBaseline,
  modelForecaster,
  modelRiskForecaster,
  type PolicyOrder,
  policiesAsHtml,
  poolsAsCsv,
  type RiskBacktestResult,
  type RiskForecaster,
  readAvailability,
  readTraces,
  reportAsHtml,
  riskBaselineForecaster,
  riskBaselineNames,
  riskPoolsAsCsv,
  riskReportAsHtml,
  worthOf,
} from './backtest/index.ts';
export { usualConfidence } from './confidence-sequence.ts';
export {
  createForecasting,
  type Forecasting,
  type ForecastingParts,
} from './create-forecasting.ts';
export type { ExperimentToJudge } from './experiment-result.ts';
export {
  describeFeatures,
  featureCatalog,
  lookAtNeighbours,
  type MarketSlice,
  priceAt,
} from './features/index.ts';
export type { PoolForecast } from './forecast-pools.ts';
export { forecastMigrations } from './forecast-tables.ts';
export type { InterruptionRisk } from './interruption-risk.ts';
export { judgeDifferences } from './judge-differences.ts';
export { factsFrom, isInScope } from './predict.ts';
export { addForecastRoutes } from './routes.ts';
export type { ObservedInterruption, ObservedSpotNode } from './spot-node.ts';
