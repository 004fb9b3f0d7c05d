import { type BoosterSection, fieldOf, numbersOf } from './booster-document.ts';
import { damagedBooster } from './damaged-booster.ts';

/** `OutOfRangeCat`: beyond it float32 cannot tell one whole number from the next. */
const MOST_CATEGORIES = 2 ** 24;

/**
 * The sets of the splits by category of a tree: node → its categories, ascending. A row whose category is in the set goes
 * right, any other left, also one that was never seen or is negative (`common::Decision` in `src/common/categorical.h` of
 * XGBoost 1.7; measured with 1.7.4).
 * @throws AppError `model.not-a-model` when a set is missing, shared, or lies beyond the list
 */
export function categorySets(
  tree: BoosterSection,
  types: Float64Array | undefined,
  name: string,
): ReadonlyMap<number, readonly number[]> {
  const sets = new Map<number, readonly number[]>();
  if (!types?.includes(1)) return sets;
  if (fieldOf(tree, 'categories_nodes') === undefined) {
    throw damagedBooster(`${name} splits by categories and has none`);
  }
  const nodes = numbersOf(tree, 'categories_nodes');
  const starts = numbersOf(tree, 'categories_segments', nodes.length);
  const sizes = numbersOf(tree, 'categories_sizes', nodes.length);
  const categories = numbersOf(tree, 'categories');
  // A stretch belongs to one node; shared, a small file could make a boundless graph.
  let left = categories.length;
  for (const [index, node] of nodes.entries()) {
    const start = starts[index] ?? -1;
    const size = sizes[index] ?? -1;
    left -= size;
    if (!(isPlace(start) && isPlace(size) && start + size <= categories.length && left >= 0)) {
      throw damagedBooster(`${name} has a category set beyond its categories`);
    }
    if (sets.has(node)) throw damagedBooster(`${name} has two category sets for node ${node}`);
    sets.set(
      node,
      [...new Set(categories.subarray(start, start + size))].sort((a, b) => a - b),
    );
  }
  if (categories.some(category => !(isPlace(category) && category < MOST_CATEGORIES))) {
    throw damagedBooster(`${name} has a category that is no whole number below ${MOST_CATEGORIES}`);
  }
  return sets;
}

function isPlace(value: number): boolean {
  return Number.isInteger(value) && value >= 0;
}
