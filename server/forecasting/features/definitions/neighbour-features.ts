import { MS_PER_HOUR } from '../../../../common/units/index.ts';
import { type Feature, type FeatureGroup, fillRatio, fillScaled } from '../feature.ts';
import { PRICE_STAYS_KNOWN_MS } from '../market-slice.ts';
import type { NeighbourKind } from '../price-frame.ts';

const ZONES = 'all AZs with a known price of the type';
const SIZES = 'all sizes of the family with known price and vCPUs in the AZ';

/** How the pool stands to the same type in other AZs, and to other sizes of its family in its AZ. */
export const neighbourFeatures: FeatureGroup = {
  title: 'Other AZs and sizes',
  features: [
    feature('zones_known', 'count', 0, `Number of ${ZONES}`, (frame, column) =>
      fillScaled(frame.beside('zones').known, 1, column),
    ),
    feature(
      'price_to_lowest_zone',
      'ratio',
      0,
      `The price in force over the lowest of ${ZONES}, less 1`,
      (frame, column) => fillRatio(frame.beside('zones').own, frame.beside('zones').lowest, -1, column),
    ),
    feature(
      'price_to_median_zone',
      'ratio',
      0,
      `The price in force over the median of ${ZONES}, less 1`,
      (frame, column) => fillRatio(frame.beside('zones').own, frame.beside('zones').median, -1, column),
    ),
    ...[6, 24].map(hours => returnOfOthers('zones', hours, 'the other AZs')),
    feature('sizes_known', 'count', 0, `Number of ${SIZES}`, (frame, column) =>
      fillScaled(frame.beside('sizes').known, 1, column),
    ),
    feature(
      'per_vcpu_to_lowest_size',
      'ratio',
      0,
      `Price per vCPU over the lowest of ${SIZES}, less 1`,
      (frame, column) => fillRatio(frame.beside('sizes').own, frame.beside('sizes').lowest, -1, column),
    ),
    feature(
      'per_vcpu_to_median_size',
      'ratio',
      0,
      `Price per vCPU over the median of ${SIZES}, less 1`,
      (frame, column) => fillRatio(frame.beside('sizes').own, frame.beside('sizes').median, -1, column),
    ),
    ...[6, 24].map(hours => returnOfOthers('sizes', hours, 'the other sizes of the family in the AZ')),
  ],
};

function feature(
  name: string,
  unit: string,
  agoMs: number,
  description: string,
  fill: Feature['fill'],
): Feature {
  const lookbackMs = agoMs + PRICE_STAYS_KNOWN_MS;
  return { name, unit, description, lookbackMs, revision: 1, looksAtNeighbours: true, fill };
}

function returnOfOthers(kind: NeighbourKind, hours: number, others: string): Feature {
  const agoMs = hours * MS_PER_HOUR;
  return feature(
    `${kind}_return_${hours}h`,
    'ln',
    agoMs,
    `Median over ${others} of ln(price in force / price ${hours} h before); unknown where none is known`,
    (frame, column) => fillScaled(frame.returnBeside(kind, agoMs), 1, column),
  );
}
