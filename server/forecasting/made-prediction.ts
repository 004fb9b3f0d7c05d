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
}

/** What one call of a model was given and gave, for one made-at time. */
export interface PredictedBatch extends ModelInputs {
  readonly madeAt: number;
  /** Each with its row in the table; rows of which the model made no usable number have none. */
  readonly predictions: readonly (MadePrediction & { readonly row: number })[];
}
