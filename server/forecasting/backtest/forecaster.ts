import type { BacktestPool } from './price-points.ts';

/** What a forecaster is asked: one pool at many times. */
export interface ForecastQuestion {
  readonly pool: BacktestPool;
  /** Ascending made-at times. */
  readonly timesMs: Float64Array;
  /** Price in force at each of them in micro-USD per hour; known. */
  readonly priceNow: Float64Array;
}

/** What a forecaster says: micro-USD per hour for each time; NaN where it says nothing. */
export interface ForecastAnswer {
  readonly price: Float64Array;
  /** Quantiles at the forecaster's levels, one column for each level. */
  readonly quantiles?: readonly Float64Array[];
}

/** Foretells prices a fixed time ahead, from what was known at the time alone. */
export interface Forecaster {
  readonly name: string;
  readonly horizonMs: number;
  /** Ascending, between 0 and 1; none for a forecaster of one price. */
  readonly levels: readonly number[];
  /** How often each feature was the first unknown one of a time, so that nothing could be said. */
  readonly unknownFeatures: ReadonlyMap<string, number>;
  forecast(question: ForecastQuestion): Promise<ForecastAnswer>;
}
