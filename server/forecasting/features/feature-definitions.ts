import { MICRO_USD_PER_USD, MS_PER_DAY, MS_PER_HOUR } from '../../../common/units/index.ts';
import { PRICE_STAYS_KNOWN_MS } from './market-slice.ts';
import type { PriceFrame, WindowFigures } from './price-frame.ts';

/** One entry of the feature catalog: a pure function of what was known at a time. */
export interface Feature {
  readonly name: string;
  /** `USD/h`, `ratio`, `ln`, `h`, `count`, `1`, `vCPU`, `GiB`. */
  readonly unit: string;
  readonly description: string;
  /** How far before the time it looks. */
  readonly lookbackMs: number;
  /** Grows when the meaning changes, so that kept predictions say what they were made from. */
  readonly revision: number;
  /** A value for each time of the frame; NaN where it is unknown. */
  column(frame: PriceFrame): Float64Array;
}

const DAY_MS = MS_PER_DAY;
const WEEK_MS = 7 * MS_PER_DAY;

/** Every feature a model may ask for, in the order of the documentation. */
export const featureDefinitions: readonly Feature[] = [
  {
    name: 'last_price_usd',
    unit: 'USD/h',
    description: 'The price in force',
    lookbackMs: PRICE_STAYS_KNOWN_MS,
    revision: 1,
    column: frame => frame.priceAgo(0).map(price => price / MICRO_USD_PER_USD),
  },
  {
    name: 'log_last_price',
    unit: 'ln',
    description: 'Natural logarithm of the price in force in USD/h',
    lookbackMs: PRICE_STAYS_KNOWN_MS,
    revision: 1,
    column: frame => frame.priceAgo(0).map(price => Math.log(price / MICRO_USD_PER_USD)),
  },
  {
    name: 'price_to_on_demand',
    unit: 'ratio',
    description: 'The price in force divided by the on-demand price; unknown where that one is',
    lookbackMs: PRICE_STAYS_KNOWN_MS,
    revision: 1,
    column: frame => {
      const onDemand = frame.facts.onDemandMicroUsdPerHour ?? Number.NaN;
      return frame.priceAgo(0).map(price => price / onDemand);
    },
  },
  returnOver('return_1h', 1),
  returnOver('return_6h', 6),
  returnOver('return_24h', 24),
  returnOver('return_72h', 72),
  returnOver('return_168h', 168),
  ...windowFeatures('24h', DAY_MS),
  ...windowFeatures('168h', WEEK_MS),
  {
    name: 'hours_since_change',
    unit: 'h',
    description: 'Time since the price last moved, at most 168',
    lookbackMs: WEEK_MS,
    revision: 1,
    column: frame => frame.lastChange(WEEK_MS).agoMs.map(ago => ago / MS_PER_HOUR),
  },
  {
    name: 'last_change_return',
    unit: 'ln',
    description: 'ln(price after / price before) of the last change within 168 h; 0 when there was none',
    lookbackMs: WEEK_MS,
    revision: 1,
    column: frame => frame.lastChange(WEEK_MS).logReturn,
  },
  ...wave('hour_of_day', DAY_MS, 0, 'the hour of the day, UTC'),
  // 1970-01-01 was a Thursday: four days shift the week to begin on Sunday.
  ...wave('day_of_week', WEEK_MS, 4 * DAY_MS, 'the time of the week, UTC, from Sunday 00:00'),
  constant('vcpu', 'vCPU', 'vCPUs of the instance type', frame => frame.facts.vcpu),
  constant('memory_gib', 'GiB', 'Memory of the instance type', frame =>
    frame.facts.memoryMib === undefined ? undefined : frame.facts.memoryMib / 1024,
  ),
];

function returnOver(name: string, hours: number): Feature {
  const agoMs = hours * MS_PER_HOUR;
  return {
    name,
    unit: 'ln',
    description: `ln(price in force / price ${hours} h before)`,
    lookbackMs: agoMs + PRICE_STAYS_KNOWN_MS,
    revision: 1,
    column: frame => {
      const before = frame.priceAgo(agoMs);
      return frame.priceAgo(0).map((price, index) => Math.log(price / (before[index] ?? Number.NaN)));
    },
  };
}

function windowFeatures(label: string, lengthMs: number): Feature[] {
  const figure = (
    name: string,
    unit: string,
    description: string,
    value: (figures: WindowFigures, index: number, price: number) => number,
  ): Feature => ({
    name,
    unit,
    description,
    lookbackMs: lengthMs,
    revision: 1,
    column: frame => {
      const figures = frame.window(lengthMs);
      return frame.priceAgo(0).map((price, index) => value(figures, index, price));
    },
  });
  const at = (values: Float64Array, index: number) => values[index] ?? Number.NaN;
  return [
    figure(
      `mean_${label}_to_last`,
      'ratio',
      `Time-weighted mean of ${label} over the price in force, less 1`,
      (figures, index, price) => at(figures.mean, index) / price - 1,
    ),
    figure(
      `std_${label}_to_last`,
      'ratio',
      `Time-weighted standard deviation of ${label} over the price in force`,
      (figures, index, price) => at(figures.standardDeviation, index) / price,
    ),
    figure(
      `min_${label}_to_last`,
      'ratio',
      `Lowest price of ${label} over the price in force, less 1`,
      (figures, index, price) => at(figures.min, index) / price - 1,
    ),
    figure(
      `max_${label}_to_last`,
      'ratio',
      `Highest price of ${label} over the price in force, less 1`,
      (figures, index, price) => at(figures.max, index) / price - 1,
    ),
    figure(
      `changes_${label}`,
      'count',
      `How often the price moved within ${label}; repetitions of the same price are no changes`,
      (figures, index) => at(figures.changes, index),
    ),
  ];
}

function wave(name: string, periodMs: number, shiftMs: number, what: string): Feature[] {
  const feature = (suffix: string, turn: (angle: number) => number): Feature => ({
    name: `${name}_${suffix}`,
    unit: '1',
    description: `${suffix === 'sin' ? 'Sine' : 'Cosine'} of ${what}, one turn for the period`,
    lookbackMs: 0,
    revision: 1,
    column: frame =>
      frame.timesMs.map(time => turn((2 * Math.PI * ((time + shiftMs) % periodMs)) / periodMs)),
  });
  return [feature('sin', Math.sin), feature('cos', Math.cos)];
}

function constant(
  name: string,
  unit: string,
  description: string,
  value: (frame: PriceFrame) => number | undefined,
): Feature {
  return {
    name,
    unit,
    description,
    lookbackMs: 0,
    revision: 1,
    column: frame => new Float64Array(frame.timesMs.length).fill(value(frame) ?? Number.NaN),
  };
}
