import { MS_PER_HOUR } from '../../../../common/units/index.ts';
import { type Feature, type FeatureGroup, toLast } from '../feature.ts';
import { PRICE_STAYS_KNOWN_MS } from '../market-slice.ts';
import type { PriceFrame } from '../price-frame.ts';

/** Figures of the last hours, days and week. */
export const windowFeatures: FeatureGroup = {
  title: 'Windows up to the time',
  features: [
    ...figuresOf(6),
    // In 6 h a price moves once at most, as a rule: quantiles would be the extremes once more.
    ...[24, 72, 168].flatMap(hours => [...figuresOf(hours), ...quantilesOf(hours)]),
  ],
};

function figuresOf(hours: number): Feature[] {
  const lengthMs = hours * MS_PER_HOUR;
  const label = `${hours}h`;
  const feature = featureOf(lengthMs);
  return [
    feature(`mean_${label}_to_last`, 'ratio', `Mean of ${hours} h over the price in force, less 1`, frame =>
      toLast(frame.window(lengthMs).mean, frame),
    ),
    feature(
      `std_${label}_to_last`,
      'ratio',
      `Standard deviation of ${hours} h over the price in force`,
      frame => {
        const last = frame.priceAgo(0);
        return frame
          .window(lengthMs)
          .standardDeviation.map((deviation, index) => deviation / (last[index] ?? Number.NaN));
      },
    ),
    feature(
      `min_${label}_to_last`,
      'ratio',
      `Lowest price of ${hours} h over the price in force, less 1`,
      frame => toLast(frame.window(lengthMs).min, frame),
    ),
    feature(
      `max_${label}_to_last`,
      'ratio',
      `Highest price of ${hours} h over the price in force, less 1`,
      frame => toLast(frame.window(lengthMs).max, frame),
    ),
    feature(
      `changes_${label}`,
      'count',
      `How often the price moved within ${hours} h; repetitions of the same price are no changes`,
      frame => {
        const { ups, downs } = frame.counts(lengthMs);
        return ups.map((rises, index) => rises + (downs[index] ?? Number.NaN));
      },
    ),
    feature(`ups_${label}`, 'count', `How often the price rose within ${hours} h`, frame =>
      frame.counts(lengthMs).ups.slice(),
    ),
    feature(`downs_${label}`, 'count', `How often the price fell within ${hours} h`, frame =>
      frame.counts(lengthMs).downs.slice(),
    ),
  ];
}

function quantilesOf(hours: number): Feature[] {
  const lengthMs = hours * MS_PER_HOUR;
  const feature = featureOf(lengthMs);
  const quantile = (name: 'p10' | 'median' | 'p90', share: string): Feature =>
    feature(
      `${name}_${hours}h_to_last`,
      'ratio',
      `Lowest price that was not exceeded for ${share} of ${hours} h, over the price in force, less 1`,
      frame => toLast(frame.quantiles(lengthMs)[name], frame),
    );
  return [
    quantile('p10', 'a tenth'),
    quantile('median', 'half'),
    quantile('p90', 'nine tenths'),
    feature(
      `share_at_price_${hours}h`,
      'share',
      `Part of ${hours} h at exactly the price in force: 0…1`,
      frame => frame.quantiles(lengthMs).shareAtPrice.slice(),
    ),
  ];
}

/** The price at the start of a window is that of a record up to 24.5 h before it. */
function featureOf(lengthMs: number) {
  return (
    name: string,
    unit: string,
    description: string,
    column: (frame: PriceFrame) => Float64Array,
  ): Feature => ({
    name,
    unit,
    description,
    lookbackMs: lengthMs + PRICE_STAYS_KNOWN_MS,
    revision: 1,
    looksAtNeighbours: false,
    column,
  });
}
