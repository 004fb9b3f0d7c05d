import type { Model } from '../../common/contracts/index.ts';
import type { Market } from '../market/index.ts';
import type { Models } from '../models/index.ts';
import type { Clock } from '../platform/index.ts';
import type { BlockStore } from './block-store.ts';
import type { LivePredictionStore } from './live-prediction-store.ts';
import type { PredictionStore } from './prediction-store.ts';
import type { RunStore } from './run-store.ts';

/** What forecasting asks of the market. */
export type MarketOfForecasts = Pick<Market, 'catalog' | 'coverage' | 'prices' | 'history' | 'onFilled'>;

/** What forecasting asks of the registry. */
export type ModelsOfForecasts = Pick<
  Models,
  | 'list'
  | 'get'
  | 'activationsOf'
  | 'activeFor'
  | 'activeForEach'
  | 'breachGate'
  | 'champion'
  | 'endExperiment'
  | 'experiments'
  | 'openSession'
  | 'refreshCoverage'
  | 'onActivated'
  | 'onDeleted'
  | 'onRegistered'
>;

/** What the use cases of this room share. */
export interface ForecastParts {
  readonly market: MarketOfForecasts;
  readonly models: ModelsOfForecasts;
  readonly predictions: PredictionStore;
  readonly live: LivePredictionStore;
  readonly runs: RunStore;
  readonly blocks: BlockStore;
  readonly clock: Clock;
}

/** Names of a model's features, in its order. */
export function featureNamesOf(model: Model): string[] {
  return model.manifest.features.map(feature => feature.name);
}
