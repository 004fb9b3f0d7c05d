export {
  createForecasting,
  type Forecasting,
  type ForecastingParts,
  type InterruptionRisk,
} from './create-forecasting.ts';
export { featureCatalog } from './features/index.ts';
export type { PoolForecast } from './forecast-pools.ts';
export { forecastMigrations } from './prediction-store.ts';
export { addForecastRoutes } from './routes.ts';
