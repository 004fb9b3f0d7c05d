export { backtestRisks, type RiskBacktestResult } from './backtest-risks.ts';
export type { Origins } from './pool-availability.ts';
export { type RecordedPools, type RecordingFile, readAvailability } from './read-availability.ts';
export { riskReportAsHtml } from './render-risk-html.ts';
export {
  isRiskBaseline,
  modelRiskForecaster,
  type RiskForecaster,
  riskBaselineForecaster,
  riskBaselineNames,
} from './risk-forecaster.ts';
