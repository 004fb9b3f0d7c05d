import { type BoostedSplit, type BoostedTree, checkTree } from './boosted-trees.ts';
import {
  type BoosterSection,
  countOf,
  fieldOf,
  isSection,
  listOf,
  numbersOf,
  sectionOf,
} from './booster-document.ts';
import { damagedBooster, refusedBooster } from './damaged-booster.ts';
import { categorySets } from './xgboost-categories.ts';

/** What XGBoost calls a layer: the trees of one boosting round, of every output and every parallel tree. */
export interface XgboostForest {
  readonly trees: readonly BoostedTree[];
  readonly rounds: number;
  /** Some tree splits by category. */
  readonly hasCategories: boolean;
}

/**
 * The trees of a `gbtree` model, leaves times `weights` (DART), only those of the first `rounds` rounds.
 * @param model the section with `trees`, `tree_info` and `gbtree_model_param`
 * @param rounds `undefined` for all
 * Splits by category look at the columns behind the model's own, which are cut to whole numbers.
 * @throws AppError `model.rejected` for leaves with several values; `model.not-a-model` when damaged
 */
export function xgboostForest(
  model: BoosterSection,
  columns: number,
  outputs: number,
  weights: Float64Array | undefined,
  rounds: number | undefined,
): XgboostForest {
  const sections = listOf(model, 'trees');
  if (sections === undefined) throw damagedBooster("it has no array 'trees'");
  const targets = numbersOf(model, 'tree_info', sections.length);
  if (weights !== undefined && weights.length !== sections.length) {
    throw damagedBooster(`it has ${weights.length} weights for ${sections.length} trees`);
  }
  const ends = roundEnds(model, sections.length, outputs);
  const used = rounds === undefined ? ends.length : Math.min(rounds, ends.length);
  const count = used === 0 ? 0 : (ends[used - 1] ?? sections.length);
  const trees = sections.slice(0, count).map((section, index) => {
    if (!isSection(section)) throw damagedBooster(`tree ${index} is no object`);
    const target = targets[index] ?? 0;
    if (!(Number.isInteger(target) && target >= 0 && target < outputs)) {
      throw damagedBooster(`tree ${index} belongs to output ${target} of ${outputs}`);
    }
    return xgboostTree(section, columns, target, weights?.[index], `tree ${index}`);
  });
  const hasCategories = trees.some(({ splits }) => splits.some(({ test }) => test === 'member'));
  return { trees, rounds: ends.length, hasCategories };
}

/** Index behind the last tree of each round. XGBoost 2 and later say it; before, rounds are all alike. */
function roundEnds(model: BoosterSection, trees: number, outputs: number): number[] {
  if (fieldOf(model, 'iteration_indptr') !== undefined) {
    const ends = [...numbersOf(model, 'iteration_indptr')].slice(1);
    const rising = ends.every((end, index) => Number.isInteger(end) && end >= (ends[index - 1] ?? 0));
    if (!rising || (ends.at(-1) ?? 0) !== trees)
      throw damagedBooster("its 'iteration_indptr' does not fit its trees");
    return ends;
  }
  const parallel = Math.max(countOf(sectionOf(model, 'gbtree_model_param'), 'num_parallel_tree', 1), 1);
  const perRound = parallel * outputs;
  const rounds = Math.ceil(trees / perRound);
  return Array.from({ length: rounds }, (_, round) => Math.min((round + 1) * perRound, trees));
}

function xgboostTree(
  section: BoosterSection,
  columns: number,
  target: number,
  weight: number | undefined,
  name: string,
): BoostedTree {
  const left = numbersOf(section, 'left_children');
  const nodes = left.length;
  if (nodes === 0) throw damagedBooster(`${name} has no node`);
  const right = numbersOf(section, 'right_children', nodes);
  const features = numbersOf(section, 'split_indices', nodes);
  const values = numbersOf(section, 'split_conditions', nodes);
  const defaultLeft = numbersOf(section, 'default_left', nodes);
  const types =
    fieldOf(section, 'split_type') === undefined ? undefined : numbersOf(section, 'split_type', nodes);
  const sets = categorySets(section, types, name);
  const param = fieldOf(section, 'tree_param');
  if (isSection(param) && countOf(param, 'size_leaf_vector', 0) > 1) {
    throw refusedBooster(
      `${name} has leaves with several values (multi_strategy='multi_output_tree').`,
      "Train with multi_strategy='one_output_per_tree'.",
    );
  }
  // Splits and leaves are numbered apart; deleted nodes are never reached and still keep their number.
  const split = (child: number) => {
    if (!(Number.isInteger(child) && child >= 0 && child < nodes)) {
      throw damagedBooster(`${name} points to node ${child} of ${nodes}`);
    }
    return left[child] === -1 ? ~(leafOf[child] ?? 0) : (splitOf[child] ?? 0);
  };
  const splitOf = new Int32Array(nodes);
  const leafOf = new Int32Array(nodes);
  let splitCount = 0;
  let leafCount = 0;
  for (let node = 0; node < nodes; node += 1) {
    if (left[node] === -1) leafOf[node] = leafCount++;
    else splitOf[node] = splitCount++;
  }
  const splits: BoostedSplit[] = [];
  const leaves = new Float64Array(leafCount);
  for (let node = 0; node < nodes; node += 1) {
    const value = Math.fround(values[node] ?? Number.NaN);
    if (left[node] === -1) {
      leaves[leafOf[node] ?? 0] = weight === undefined ? value : Math.fround(value * Math.fround(weight));
      continue;
    }
    if (types?.[node] === 1) {
      const members = sets.get(node);
      if (members === undefined) throw damagedBooster(`${name} has no categories for node ${node}`);
      const feature = features[node] ?? -1;
      if (!(Number.isInteger(feature) && feature >= 0 && feature < columns)) {
        throw damagedBooster(`${name} looks at column ${feature} of ${columns}`);
      }
      splits.push({
        // The same column cut to a whole number.
        feature: feature + columns,
        test: 'member',
        threshold: 0,
        members,
        missingIsTrue: defaultLeft[node] !== 1,
        whenTrue: split(right[node] ?? -1),
        whenFalse: split(left[node] ?? -1),
      });
      continue;
    }
    splits.push({
      feature: features[node] ?? -1,
      test: 'less',
      threshold: value,
      members: [],
      missingIsTrue: defaultLeft[node] === 1,
      whenTrue: split(left[node] ?? -1),
      whenFalse: split(right[node] ?? -1),
    });
  }
  const tree = { target, splits, leaves };
  checkTree(tree, sets.size === 0 ? columns : columns * 2, name);
  return tree;
}
