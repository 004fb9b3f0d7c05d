import { MICRO_USD_PER_USD, MS_PER_DAY, MS_PER_HOUR } from '../../../../common/units/index.ts';
import { type Column, type Feature, type FeatureGroup, fillRatio, fillScaled } from '../feature.ts';
import { NO_CHANGE, UNKNOWN_CHANGE } from '../frame-sweeps.ts';
import { PRICE_STAYS_KNOWN_MS } from '../market-slice.ts';
import type { PriceFrame } from '../price-frame.ts';

const WEEK_MS = 7 * MS_PER_DAY;
const LAG_HOURS = [1, 3, 6, 12, 24, 48, 72, 168];
const own = { revision: 1, looksAtNeighbours: false } as const;

/** The price in force and before, and how it stands to the on-demand price. */
export const priceFeatures: FeatureGroup = {
  title: 'Price in force and earlier prices',
  features: [
    {
      ...own,
      name: 'last_price_usd',
      unit: 'USD/h',
      description: 'The price in force',
      lookbackMs: PRICE_STAYS_KNOWN_MS,
      fill: (frame, column) => fillScaled(frame.priceAgo(0), MICRO_USD_PER_USD, column),
    },
    {
      ...own,
      name: 'log_last_price',
      unit: 'ln',
      description: 'Natural logarithm of the price in force in USD/h',
      lookbackMs: PRICE_STAYS_KNOWN_MS,
      fill: (frame, column) => fillLog(frame.priceAgo(0), MICRO_USD_PER_USD, column),
    },
    {
      ...own,
      name: 'price_to_on_demand',
      unit: 'ratio',
      description: 'The price in force divided by the on-demand price; unknown where that one is',
      lookbackMs: PRICE_STAYS_KNOWN_MS,
      fill: (frame, column) => fillToOnDemand(frame, 0, column),
    },
    {
      ...own,
      name: 'price_24h_ago_to_on_demand',
      unit: 'ratio',
      description: 'The price 24 h before divided by the on-demand price; unknown where that one is',
      lookbackMs: MS_PER_DAY + PRICE_STAYS_KNOWN_MS,
      fill: (frame, column) => fillToOnDemand(frame, MS_PER_DAY, column),
    },
    ...[1, 6, 24, 72, 168].map(returnOver),
    ...LAG_HOURS.map(lag),
    {
      ...own,
      name: 'hours_since_change',
      unit: 'h',
      description: 'Time since the price last moved, at most 168',
      lookbackMs: WEEK_MS + PRICE_STAYS_KNOWN_MS,
      fill: fillHoursSinceChange,
    },
    {
      ...own,
      name: 'last_change_return',
      unit: 'ln',
      description: 'ln(price after / price before) of the last change within 168 h; 0 when there was none',
      lookbackMs: WEEK_MS + PRICE_STAYS_KNOWN_MS,
      fill: fillLastChangeReturn,
    },
  ],
};

function fillLog(figures: Float64Array, divisor: number, { values, start, step }: Column): void {
  let before = Number.NaN;
  let log = Number.NaN;
  for (let row = 0, at = start; row < figures.length; row++, at += step) {
    const figure = figures[row] as number;
    // The logarithm is what costs time here, and prices mostly rest.
    if (figure !== before) {
      before = figure;
      log = Math.log(figure / divisor);
    }
    values[at] = log;
  }
}

function fillToOnDemand(frame: PriceFrame, agoMs: number, column: Column): void {
  fillScaled(frame.priceAgo(agoMs), frame.facts.onDemandMicroUsdPerHour ?? Number.NaN, column);
}

function fillHoursSinceChange(frame: PriceFrame, { values, start, step }: Column): void {
  const { atMs } = frame.records;
  const changes = frame.lastChange(WEEK_MS);
  for (let row = 0, at = start; row < changes.length; row++, at += step) {
    const change = changes[row] as number;
    const agoMs = change === UNKNOWN_CHANGE ? Number.NaN : WEEK_MS;
    values[at] =
      (change < 0 ? agoMs : (frame.timesMs[row] as number) - (atMs[change] as number)) / MS_PER_HOUR;
  }
}

function fillLastChangeReturn(frame: PriceFrame, { values, start, step }: Column): void {
  const prices = frame.records.priceMicroUsdPerHour;
  const changes = frame.lastChange(WEEK_MS);
  let knownOf = -1;
  let known = 0;
  for (let row = 0, at = start; row < changes.length; row++, at += step) {
    const change = changes[row] as number;
    if (change >= 0 && change !== knownOf) {
      known = Math.log((prices[change] as number) / (prices[change - 1] as number));
      knownOf = change;
    }
    values[at] = change >= 0 ? known : change === NO_CHANGE ? 0 : Number.NaN;
  }
}

function returnOver(hours: number): Feature {
  const agoMs = hours * MS_PER_HOUR;
  return {
    ...own,
    name: `return_${hours}h`,
    unit: 'ln',
    description: `ln(price in force / price ${hours} h before)`,
    lookbackMs: agoMs + PRICE_STAYS_KNOWN_MS,
    fill: (frame, column) => fillScaled(frame.returnOver(agoMs), 1, column),
  };
}

function lag(hours: number): Feature {
  const agoMs = hours * MS_PER_HOUR;
  return {
    ...own,
    name: `lag_${hours}h_to_last`,
    unit: 'ratio',
    description: `Price ${hours} h before over the price in force, less 1`,
    lookbackMs: agoMs + PRICE_STAYS_KNOWN_MS,
    fill: (frame, column) => fillRatio(frame.priceAgo(agoMs), frame.priceAgo(0), -1, column),
  };
}
