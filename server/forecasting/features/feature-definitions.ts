import { attributeFeatures } from './definitions/attribute-features.ts';
import { calendarFeatures } from './definitions/calendar-features.ts';
import { neighbourFeatures } from './definitions/neighbour-features.ts';
import { priceFeatures } from './definitions/price-features.ts';
import { windowFeatures } from './definitions/window-features.ts';
import type { Feature, FeatureGroup } from './feature.ts';

/** Every feature a model may ask for, by kind, in the order of the guide. */
export const featureGroups: readonly FeatureGroup[] = [
  priceFeatures,
  windowFeatures,
  neighbourFeatures,
  calendarFeatures,
  attributeFeatures,
];

/** The same, one after the other. */
export const featureDefinitions: readonly Feature[] = featureGroups.flatMap(group => group.features);
