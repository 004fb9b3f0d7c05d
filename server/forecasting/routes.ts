import { api } from '../../common/contracts/index.ts';
import { MS_PER_HOUR } from '../../common/units/index.ts';
import type { Routes } from '../platform/index.ts';
import { addBacktestRoutes } from './backtest-routes.ts';
import type { Forecasting } from './create-forecasting.ts';
import { featureCatalog } from './features/index.ts';

/** Calls about forecasts. */
export function addForecastRoutes(routes: Routes, forecasting: Forecasting): void {
  routes.add(api.forecasts.forecastSummaries, async () => ({ forecasts: await forecasting.summaries() }));
  routes.add(api.forecasts.forecastSeries, async ({ params, query }) => ({
    pool: query.pool,
    ...(await forecasting.series(params.model, query.pool, query.fromMs, query.toMs)),
  }));
  routes.add(api.forecasts.recomputePrediction, ({ params, query }) =>
    forecasting.recompute(params.model, query.pool, query.madeAt),
  );
  routes.add(api.forecasts.listFeatures, async () => ({
    features: featureCatalog.all().map(({ name, unit, description, lookbackMs, revision }) => ({
      name,
      unit,
      description,
      lookbackHours: lookbackMs / MS_PER_HOUR,
      revision,
    })),
  }));
  routes.add(api.experiments.getExperiment, ({ params }) => forecasting.experiment(params.id));
  routes.add(api.forecasts.predictSpotPrice, ({ body }) => forecasting.predict(body.modelId, body.pools));
  routes.add(api.forecasts.predictInterruption, ({ body }) =>
    forecasting.predictRisks(body.modelId, body.pools),
  );
  routes.add(api.forecasts.forecastPools, async ({ params }) => ({
    pools: await forecasting.forecastLines(params.model),
  }));
  routes.add(api.forecasts.riskPools, async ({ params }) => ({
    pools: await forecasting.riskLines(params.model),
  }));
  routes.add(api.forecasts.predictRaw, async ({ body }) => ({
    modelId: body.modelId,
    outputs: await forecasting.predictRaw(body.modelId, body.rows),
  }));
  addBacktestRoutes(routes, forecasting.backtests);
  routes.add(api.forecasts.evaluateModel, ({ body }) => forecasting.evaluate(body.modelId));
}
