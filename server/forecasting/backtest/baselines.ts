import { MS_PER_DAY } from '../../../common/units/index.ts';
import type { Forecaster, ForecastQuestion } from './forecaster.ts';
import { earlierTimes, pricesInForce, valuesAt } from './price-points.ts';

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
 * Naive, seasonal naive (one week) and drift (over one week) forecasts, for all times of a question; NaN where a price that they need
 * is unknown.
 *
 * Source: R. J. Hyndman, G. Athanasopoulos, "Forecasting: Principles and Practice", 3rd ed. (2021), section 5.2.
 */
export function baselineForecast(
  name: BaselineName,
  { pool, timesMs, priceNow }: Pick<ForecastQuestion, 'pool' | 'timesMs' | 'priceNow'>,
  horizonMs: number,
): Float64Array {
  if (name === 'persistence') return priceNow;
  if (name === 'seasonal') {
    const backMs = Math.ceil(horizonMs / BASELINE_LOOKBACK_MS) * BASELINE_LOOKBACK_MS - horizonMs;
    return pricesInForce(pool, earlierTimes(timesMs, backMs));
  }
  const share = horizonMs / BASELINE_LOOKBACK_MS;
  const weekAgo = pricesInForce(pool, earlierTimes(timesMs, BASELINE_LOOKBACK_MS));
  // A price is never below nothing.
  return priceNow.map((now, index) => Math.max(0, now + share * (now - (weekAgo[index] ?? Number.NaN))));
}

/** A baseline in the place of a model. */
export function baselineForecaster(name: BaselineName, horizonMs: number): Forecaster {
  return {
    name,
    horizonMs,
    features: [],
    levels: [],
    unknownFeatures: new Map(),
    forecast: async question => ({
      price: valuesAt(baselineForecast(name, question, horizonMs), question.places),
    }),
  };
}
