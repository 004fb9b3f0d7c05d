export {
  createForecasting,
  type Forecasting,
  type ForecastingParts,
} from './create-forecasting.ts';
export type { ExperimentToJudge } from './experiment-result.ts';
export { describeFeatures, featureCatalog } from './features/index.ts';
export type { PoolForecast } from './forecast-pools.ts';
export { forecastMigrations } from './forecast-tables.ts';
export type { InterruptionRisk } from './interruption-risk.ts';
export { addForecastRoutes } from './routes.ts';
