import type { Prediction, PriceQuantile } from '../../common/contracts/index.ts';
import type { PoolKey } from '../../common/units/index.ts';
import type { ModelInputs } from './pack-inputs.ts';

/** A price that a model expects for a pool. */
export interface MadePrediction {
  readonly pool: PoolKey;
  readonly madeAt: number;
  readonly forMs: number;
  readonly priceMicroUsdPerHour: number;
  /** What "the last price stays" says. */
  readonly persistenceMicroUsdPerHour: number;
  /** Ascending in both; empty when the model gives none. */
  readonly quantiles: readonly PriceQuantile[];
  /** Whether the model gave its quantiles out of order. */
  readonly isCrossed: boolean;
}

/** A probability that a Spot node of a pool is interrupted between `madeAt` and `forMs`. */
export interface MadeRisk {
  readonly pool: PoolKey;
  readonly madeAt: number;
  readonly forMs: number;
  readonly probability: number;
}

/** What one call of a model was given and gave, for one made-at time. */
interface AnsweredCall<Answer> extends ModelInputs {
  readonly madeAt: number;
  /** Each with its row in the table; rows of which the model made no usable number have none. */
  readonly predictions: readonly (Answer & { readonly row: number })[];
}

/** Prices of one call. */
export type PredictedBatch = AnsweredCall<MadePrediction>;

/** Probabilities of one call. */
export type RiskBatch = AnsweredCall<MadeRisk>;

/** A prediction as it is shown. @param actual micro-USD per hour; NaN is unknown */
export function shownPrediction(
  { isCrossed: _, quantiles, ...made }: MadePrediction,
  actual = Number.NaN,
): Prediction {
  return { ...made, quantiles: [...quantiles], actualMicroUsdPerHour: Number.isNaN(actual) ? null : actual };
}
