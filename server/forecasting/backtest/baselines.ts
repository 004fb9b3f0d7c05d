import { MS_PER_DAY } from '../../../common/units/index.ts';
import type { PriceFrame } from '../features/index.ts';
import type { Forecaster } from './forecaster.ts';
import { priceFrame, valuesAt } from './price-points.ts';

/** How far back baselines look: the longest season that Spot prices could have. */
export const BASELINE_LOOKBACK_MS = 7 * MS_PER_DAY;

/** Forecasts that need no model, the bar first. */
export const baselineNames = ['persistence', 'seasonal', 'drift'] as const;
export type BaselineName = (typeof baselineNames)[number];

/** Each with the sentence of what it says. */
export const baselineSentences: Readonly<Record<BaselineName, string>> = {
  persistence: 'the last price stays',
  seasonal: 'the price at the same time of the week before comes again',
  drift: 'the price goes on as it went over the last week',
};

/** Whether a word names a baseline. */
export function isBaseline(word: string): word is BaselineName {
  return (baselineNames as readonly string[]).includes(word);
}

/**
 * Naive, seasonal naive (one week) and drift (over one week) forecasts at the times of a frame; NaN where a price that they need
 * is unknown.
 *
 * Source: R. J. Hyndman, G. Athanasopoulos, "Forecasting: Principles and Practice", 3rd ed. (2021), section 5.2.
 */
export function baselineForecast(name: BaselineName, prices: PriceFrame, horizonMs: number): Float64Array {
  const now = prices.priceAgo(0);
  if (name === 'persistence') return now;
  if (name === 'seasonal') {
    const backMs = Math.ceil(horizonMs / BASELINE_LOOKBACK_MS) * BASELINE_LOOKBACK_MS - horizonMs;
    return prices.priceAgo(backMs);
  }
  const share = horizonMs / BASELINE_LOOKBACK_MS;
  const weekAgo = prices.priceAgo(BASELINE_LOOKBACK_MS);
  // A price is never below nothing.
  return now.map((price, index) => Math.max(0, price + share * (price - (weekAgo[index] as number))));
}

/** A baseline in the place of a model. */
export function baselineForecaster(name: BaselineName, horizonMs: number): Forecaster {
  return {
    name,
    horizonMs,
    features: [],
    levels: [],
    unknownFeatures: new Map(),
    forecast: async ({ pool, timesMs, places }) => ({
      price: valuesAt(baselineForecast(name, priceFrame(pool, timesMs), horizonMs), places),
    }),
  };
}
