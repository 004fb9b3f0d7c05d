import { type BoostedSplit, type BoostedTree, checkTree } from './boosted-trees.ts';
import type { TreeColumns } from './booster-model.ts';
import { damagedBooster, refusedBooster } from './damaged-booster.ts';

const CATEGORICAL = 1;
const DEFAULT_LEFT = 2;
/** Bits 2 and 3 of `decision_type`. */
const MISSING_NONE = 0;
const MISSING_ZERO = 1;
const MISSING_NAN = 2;

/** A tree's `key=value` lines. */
export type LightgbmFields = ReadonlyMap<string, string>;

/** Which prepared columns the trees need (bits of `decision_type`). */
export function lightgbmTreeColumns(trees: readonly LightgbmFields[]): TreeColumns {
  let zero = false;
  let category = false;
  for (const fields of trees) {
    for (const part of wordsOf(fields, 'decision_type')) {
      const bits = Number(part);
      if ((bits & CATEGORICAL) !== 0) category = true;
      else if (((bits >> 2) & 3) === MISSING_ZERO) zero = true;
    }
  }
  return { zero, category: category ? 'toward-zero' : undefined };
}

/**
 * A tree of LightGBM's text format (`Tree::Tree(const char*)` and `Tree::NumericalDecision` in LightGBM 4). A missing value at
 * a split that knows none counts as zero; zero at a split for which zero is missing comes as NaN in the prepared column.
 * @throws AppError `model.rejected` for linear trees, `model.not-a-model` when it contradicts itself
 */
export function lightgbmTree(
  fields: LightgbmFields,
  columns: number,
  target: number,
  prepared: TreeColumns,
  name: string,
): BoostedTree {
  if (fields.get('is_linear') === '1') {
    throw refusedBooster(
      `${name} has linear models in its leaves (linear_tree=true), which is not supported.`,
      'Train with linear_tree=false.',
    );
  }
  const leafCount = Number(fields.get('num_leaves'));
  const leaves = numbersOf(fields, 'leaf_value', leafCount, name);
  if (leafCount === 1) return { target, splits: [], leaves };
  const count = leafCount - 1;
  const features = numbersOf(fields, 'split_feature', count, name);
  const thresholds = numbersOf(fields, 'threshold', count, name);
  const decisions = numbersOf(fields, 'decision_type', count, name);
  const left = numbersOf(fields, 'left_child', count, name);
  const right = numbersOf(fields, 'right_child', count, name);
  const categories = categorySets(fields, name);
  const splits: BoostedSplit[] = [];
  for (let node = 0; node < count; node += 1) {
    const feature = features[node] ?? -1;
    const threshold = thresholds[node] ?? Number.NaN;
    const bits = decisions[node] ?? 0;
    const missing = (bits >> 2) & 3;
    if (!(Number.isInteger(feature) && feature >= 0 && feature < columns)) {
      throw damagedBooster(`${name} looks at column ${feature} of ${columns}`);
    }
    const children = { whenTrue: childOf(left[node], name), whenFalse: childOf(right[node], name) };
    if ((bits & CATEGORICAL) !== 0) {
      const members = categories[threshold];
      if (members === undefined) throw damagedBooster(`${name} has no category set ${threshold} left`);
      // A set belongs to one node; shared, a small file could make a boundless graph.
      categories[threshold] = undefined;
      const column = feature + columns * (prepared.zero ? 2 : 1);
      splits.push({
        feature: column,
        test: 'member',
        threshold: 0,
        members,
        missingIsTrue: false,
        ...children,
      });
      continue;
    }
    if (missing > MISSING_NAN) throw damagedBooster(`${name} has an unknown decision_type ${bits}`);
    splits.push({
      feature: missing === MISSING_ZERO ? feature + columns : feature,
      test: 'at-most',
      threshold,
      members: [],
      missingIsTrue: missing === MISSING_NONE ? threshold >= 0 : (bits & DEFAULT_LEFT) !== 0,
      ...children,
    });
  }
  const tree = { target, splits, leaves };
  checkTree(tree, columns * (1 + Number(prepared.zero) + Number(prepared.category !== undefined)), name);
  return tree;
}

/** The sets of categories, one bit each, in words of 32 bits. */
function categorySets(fields: LightgbmFields, name: string): (number[] | undefined)[] {
  const count = Number(fields.get('num_cat') ?? 0);
  if (count === 0) return [];
  const bounds = numbersOf(fields, 'cat_boundaries', count + 1, name);
  const words = numbersOf(fields, 'cat_threshold', undefined, name);
  return Array.from({ length: count }, (_, set) => {
    const from = bounds[set] ?? 0;
    const to = bounds[set + 1] ?? 0;
    if (!(Number.isInteger(from) && from >= 0 && Number.isInteger(to) && to >= from && to <= words.length)) {
      throw damagedBooster(`${name} has a category set beyond its bits`);
    }
    const members: number[] = [];
    for (let word = from; word < to; word += 1) {
      const bits = words[word] ?? 0;
      for (let bit = 0; bit < 32; bit += 1) {
        if (((bits >>> bit) & 1) === 1) members.push((word - from) * 32 + bit);
      }
    }
    return members;
  });
}

function childOf(child: number | undefined, name: string): number {
  if (child === undefined || !Number.isInteger(child))
    throw damagedBooster(`${name} has a child that is no number`);
  return child;
}

function wordsOf(fields: LightgbmFields, key: string): string[] {
  return (fields.get(key) ?? '').split(' ').filter(word => word !== '');
}

function numbersOf(
  fields: LightgbmFields,
  key: string,
  count: number | undefined,
  name: string,
): Float64Array {
  const words = wordsOf(fields, key);
  if (count !== undefined && (!(count >= 1) || words.length !== count)) {
    throw damagedBooster(`${name} has ${words.length} values of '${key}' and should have ${count}`);
  }
  return Float64Array.from(words, word => {
    const number = numberOf(word);
    if (number === undefined) throw damagedBooster(`${name} has '${word.slice(0, 20)}' among its '${key}'`);
    return number;
  });
}

function numberOf(word: string): number | undefined {
  const special = { inf: Infinity, '-inf': -Infinity, nan: Number.NaN, '-nan': Number.NaN }[word];
  if (special !== undefined) return special;
  const number = Number(word);
  return Number.isNaN(number) ? undefined : number;
}
