import type { Model } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { MS_PER_HOUR } from '../../common/units/index.ts';
import type { Market } from '../market/index.ts';
import type { Models } from '../models/index.ts';
import type { Clock } from '../platform/index.ts';
import type { BlockStore } from './block-store.ts';
import type { LivePredictionStore } from './live-prediction-store.ts';
import type { PredictionStore } from './prediction-store.ts';
import type { RiskStore } from './risk-store.ts';
import type { RunStore } from './run-store.ts';
import type { SpotNodeStore } from './spot-node-store.ts';

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
  readonly risks: RiskStore;
  readonly nodes: SpotNodeStore;
  readonly runs: RunStore;
  readonly blocks: BlockStore;
  readonly clock: Clock;
}

/** Names of a model's features, in its order. */
export function featureNamesOf(model: Model): string[] {
  return model.manifest.features.map(feature => feature.name);
}

/** How far ahead a model predicts. */
export function horizonMsOf(model: Model): number {
  return model.manifest.horizonHours * MS_PER_HOUR;
}

/** Whether what a model predicts can be held against what happens. */
export function isForecast({ manifest }: Model): boolean {
  return manifest.task === 'spot-price' || manifest.task === 'interruption';
}

/** @throws AppError `input.invalid` for a model of another task */
export function demandTask(model: Model, task: Model['manifest']['task']): Model {
  const { name, task: own } = model.manifest;
  if (own === task) return model;
  throw new AppError('input.invalid', `"${name}" is a model for ${own}, not for ${task}.`, {
    hint: `Name a model whose manifest says "task": "${task}".`,
  });
}
