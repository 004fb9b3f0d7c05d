import type { ModelManifest } from '../../../common/contracts/index.ts';
import type { TreePlan } from '../../models/for-threads.ts';
import type { PoolPrices } from '../features/index.ts';

/** What a forecaster is asked: one pool at many times. */
export interface ForecastQuestion {
  readonly pool: PoolPrices;
  /** Ascending made-at times. */
  readonly timesMs: Float64Array;
  /** Which of the times are asked for. */
  readonly places: Uint32Array;
  /** Price in force at each of the times in micro-USD per hour; known where it is asked for. */
  readonly priceNow: Float64Array;
  /** The forecaster's features at each of the times, row after row. They are written over once `forecast` has returned. */
  readonly values: Float64Array;
}

/** What a forecaster says: micro-USD per hour for each place that was asked for; NaN where it says nothing. */
export interface ForecastAnswer {
  readonly price: Float64Array;
  /** Quantiles at the forecaster's levels, one column for each level. */
  readonly quantiles?: readonly Float64Array[];
}

/** Foretells prices a fixed time ahead, from what was known at the time alone. */
export interface Forecaster {
  readonly name: string;
  readonly horizonMs: number;
  /** Names of the features that it is given. */
  readonly features: readonly string[];
  /** Ascending, between 0 and 1; none for a forecaster of one price. */
  readonly levels: readonly number[];
  /** How often each feature was the first unknown one of a time, so that nothing could be said. */
  readonly unknownFeatures: ReadonlyMap<string, number>;
  /** Absent where it can answer here only. */
  readonly inThread?: ForecasterInThread | undefined;
  forecast(question: ForecastQuestion): Promise<ForecastAnswer>;
}

/** How threads can stand in for a forecaster: they say the same to the bit. */
interface ForecasterInThread {
  readonly model: ThreadModel;
  /** Counts rows on for which a thread said nothing; see `unknownFeatures`. */
  addUnknown(feature: string, rows: number): void;
}

/** A model as plain data: what `modelForecaster` takes. */
export interface ThreadModel {
  readonly manifest: ModelManifest;
  readonly levels: readonly number[];
  readonly trees: TreePlan;
}
