import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../common/seeded-random.ts';
import {
  COLUMNS,
  lightgbmText,
  type SpokenTree,
  walkLightgbm,
} from '../../server/models/convert/boosting/random-boosters.ts';

const ROWS = 10_000;

/**
 * What stands in for scikit-learn's models where there is none: LightGBM texts of as many nodes over rows of the same
 * size, `forest.pkl` and `boosted.pkl` by name only. The answers come from a literal walk of the trees.
 */
export function makeModels(folder: string, columns: number): number {
  const random = seededRandom(7);
  const table = Array.from({ length: ROWS }, () => Array.from({ length: columns }, () => 4 * random() - 2));
  writeFileSync(join(folder, 'rows.f64'), Float64Array.from(table.flat()));
  const nodes = 12_600;
  for (const [name, trees] of [
    ['forest', Array.from({ length: 100 }, () => treeOf((nodes + 1) / 2, columns, random))],
    ['boosted', Array.from({ length: 300 }, () => treeOf(32, columns, random))],
  ] as const) {
    const text = lightgbmText(trees)
      .replace(`max_feature_idx=${COLUMNS - 1}`, `max_feature_idx=${columns - 1}`)
      .replace(/feature_names=.*\n/, '');
    writeFileSync(join(folder, `${name}.pkl`), text);
    writeFileSync(
      join(folder, `${name}.f64`),
      Float64Array.from(table, row => walkLightgbm(trees, row)),
    );
  }
  return nodes;
}

/** A tree of so many leaves, split as evenly as it goes. */
function treeOf(leaves: number, columns: number, random: () => number): SpokenTree {
  if (leaves < 2) return { leaf: random() - 0.5 };
  const half = Math.floor(leaves / 2);
  return {
    feature: Math.floor(random() * columns),
    threshold: 2 * random() - 1,
    missing: 'none',
    defaultLeft: false,
    left: treeOf(half, columns, random),
    right: treeOf(leaves - half, columns, random),
  };
}
