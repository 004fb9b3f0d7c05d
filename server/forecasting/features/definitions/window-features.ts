import { MS_PER_HOUR } from '../../../../common/units/index.ts';
import { type Feature, type FeatureGroup, fillRatio, fillScaled } from '../feature.ts';
import { PRICE_STAYS_KNOWN_MS } from '../market-slice.ts';
import type { WindowFigure } from '../window-figures.ts';

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
  const toLast = (name: string, figure: WindowFigure, description: string): Feature =>
    featureOf(hours, `${name}_${hours}h_to_last`, 'ratio', description, { lengthMs, figure });
  const count = (figure: WindowFigure, description: string): Feature =>
    featureOf(hours, `${figure}_${hours}h`, 'count', `${description} within ${hours} h`, {
      lengthMs,
      figure,
    });
  const overLast = `of ${hours} h over the price in force`;
  return [
    toLast('mean', 'mean', `Time-weighted mean ${overLast}, less 1`),
    toLast('std', 'deviation', `Time-weighted standard deviation ${overLast}`),
    toLast('min', 'min', `Lowest price ${overLast}, less 1`),
    toLast('max', 'max', `Highest price ${overLast}, less 1`),
    count('changes', 'How often the price moved (repetitions of the same price are no changes)'),
    count('ups', 'How often the price rose'),
    count('downs', 'How often the price fell'),
  ];
}

function quantilesOf(hours: number): Feature[] {
  const lengthMs = hours * MS_PER_HOUR;
  const quantile = (name: 'p10' | 'median' | 'p90', share: string): Feature =>
    featureOf(
      hours,
      `${name}_${hours}h_to_last`,
      'ratio',
      `Lowest price that was not exceeded for ${share} of ${hours} h, over the price in force, less 1`,
      (frame, column) => fillRatio(frame.quantiles(lengthMs)[name], frame.priceAgo(0), -1, column),
    );
  return [
    quantile('p10', 'a tenth'),
    quantile('median', 'half'),
    quantile('p90', 'nine tenths'),
    featureOf(
      hours,
      `share_at_price_${hours}h`,
      'share',
      `Part of ${hours} h at exactly the price in force: 0…1`,
      (frame, column) => fillScaled(frame.quantiles(lengthMs).shareAtPrice, 1, column),
    ),
  ];
}

/** The price at the start of a window is that of a record up to 24.5 h before it. */
function featureOf(
  hours: number,
  name: string,
  unit: string,
  description: string,
  fill: Feature['fill'],
): Feature {
  const lookbackMs = hours * MS_PER_HOUR + PRICE_STAYS_KNOWN_MS;
  return { name, unit, description, lookbackMs, revision: 1, looksAtNeighbours: false, fill };
}
