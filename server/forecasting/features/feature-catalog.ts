import type { Feature } from './feature.ts';
import { featureDefinitions } from './feature-definitions.ts';

const byName = new Map(featureDefinitions.map(feature => [feature.name, feature]));
const MOST_NEAR_MATCHES = 3;

/** What other rooms ask about features. */
export const featureCatalog = {
  /** Every feature with unit, description and lookback. */
  all: (): readonly Feature[] => featureDefinitions,
  /** Whether a model may ask for this name. */
  known: (name: string): boolean => byName.has(name),
  /** At most three known names that look most like a wrong one, nearest first. */
  nearMatches: (name: string): string[] => {
    const wrong = name.toLowerCase();
    return featureDefinitions
      .map(feature => ({ name: feature.name, distance: distanceOf(wrong, feature.name) }))
      .filter(match => match.distance <= Math.max(3, Math.ceil(wrong.length / 2)))
      .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
      .slice(0, MOST_NEAR_MATCHES)
      .map(match => match.name);
  },
  /** How far before a time the named features look together; unknown names count nothing. */
  lookbackMs: (names: readonly string[]): number =>
    names.reduce((longest, name) => Math.max(longest, byName.get(name)?.lookbackMs ?? 0), 0),
};

/** Whether any of the named features needs prices of other pools. */
export function lookAtNeighbours(names: readonly string[]): boolean {
  return names.some(name => byName.get(name)?.looksAtNeighbours);
}

/** The named feature. @throws RangeError for an unknown name: manifests are checked before. */
export function featureNamed(name: string): Feature {
  const feature = byName.get(name);
  if (!feature) throw new RangeError(`There is no feature "${name}".`);
  return feature;
}

/** Levenshtein distance: insertions, deletions and replacements of one letter. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
