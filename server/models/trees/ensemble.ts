import { ELEMENT, type OnnxAttribute, type OnnxNode } from './onnx-graph.ts';
import { Unread } from './unread.ts';

/** A child: a split (0 and above) or a leaf (`~leaf`). */
export type Child = number;

/** Trees whose every test is `x <= threshold`, true or, where told so, missing goes one way, all else the other. */
export interface Ensemble {
  /** Whether thresholds, leaves and sums have 32 bits. */
  readonly isSingle: boolean;
  readonly targets: number;
  /** In the order in which leaves are added. */
  readonly roots: Int32Array;
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  readonly missingIsTrue: Uint8Array;
  readonly whenTrue: Int32Array;
  readonly whenFalse: Int32Array;
  readonly leafTarget: Int32Array;
  readonly leafValue: Float64Array;
}

/** What is done to the sums of a target: divided, then something added. */
export interface EnsembleEnding {
  readonly divisor: number | undefined;
  /** One per target. */
  readonly base: readonly number[] | undefined;
}

const MOST_TARGETS = 1_000;
/** `nodes_modes` of ai.onnx.ml 5, in the order of their numbers, and their names in `TreeEnsembleRegressor`. */
const MODES = ['BRANCH_LEQ', 'BRANCH_LT', 'BRANCH_GTE', 'BRANCH_GT', 'BRANCH_EQ', 'BRANCH_NEQ'];
const AGGREGATES = ['AVERAGE', 'SUM'];

/** `TreeEnsemble` of ai.onnx.ml 5. @throws Unread for modes, sums and transforms that are not known here */
export function readTreeEnsemble({ attributes }: OnnxNode): { ensemble: Ensemble; ending: EnsembleEnding } {
  const read = new AttributeReader(attributes);
  const splits = read.tensor('nodes_splits');
  const weights = read.tensor('leaf_weights');
  const modes = read.tensor('nodes_modes');
  if (attributes.has('membership_values')) throw new Unread('its trees test sets of categories');
  if (splits.elementType !== weights.elementType) throw new Unread('its trees mix two kinds of numbers');
  const targets = read.int('n_targets', 1);
  read.demand('post_transform', 0);
  const aggregate = read.int('aggregate_function', 1);
  const count = splits.values.length;
  const missing = read.ints('nodes_missing_value_tracks_true', count, 0);
  const table = new SplitTable(count, weights.values.length);
  const [whenTrue, whenFalse] = [
    read.ints('nodes_truenodeids', count),
    read.ints('nodes_falsenodeids', count),
  ];
  const [isTrueLeaf, isFalseLeaf] = [
    read.ints('nodes_trueleafs', count),
    read.ints('nodes_falseleafs', count),
  ];
  const features = read.ints('nodes_featureids', count);
  for (let node = 0; node < count; node++) {
    table.set(node, MODES[modes.values[node] ?? -1], {
      feature: features[node] ?? -1,
      threshold: splits.values[node] ?? Number.NaN,
      missingIsTrue: missing[node] === 1,
      whenTrue: child(whenTrue[node], isTrueLeaf[node]),
      whenFalse: child(whenFalse[node], isFalseLeaf[node]),
    });
  }
  const roots = read.ints('tree_roots');
  return {
    ensemble: {
      isSingle: splits.elementType === ELEMENT.float,
      targets: boundedTargets(targets),
      roots: Int32Array.from(roots),
      ...table.columns,
      leafTarget: Int32Array.from(read.ints('leaf_targetids', weights.values.length)),
      leafValue: weights.values,
    },
    ending: { divisor: divisorOf(AGGREGATES[aggregate], roots.length), base: undefined },
  };
}

/**
 * `TreeEnsembleRegressor` of ai.onnx.ml 3, as other converters write it. A tree's root is its first node.
 * @param isSingle whether its input has 32 bits
 */
export function readTreeRegressor(
  { attributes }: OnnxNode,
  isSingle: boolean,
): { ensemble: Ensemble; ending: EnsembleEnding } {
  const read = new AttributeReader(attributes);
  const ids = read.ints('nodes_nodeids');
  const count = ids.length;
  const trees = read.ints('nodes_treeids', count);
  const modes = attributes.get('nodes_modes')?.texts ?? [];
  const thresholds = read.numbers('nodes_values', count);
  const missing = read.ints('nodes_missing_value_tracks_true', count, 0);
  const [whenTrue, whenFalse] = [
    read.ints('nodes_truenodeids', count),
    read.ints('nodes_falsenodeids', count),
  ];
  const features = read.ints('nodes_featureids', count);
  if (read.text('post_transform', 'NONE') !== 'NONE') throw new Unread('it transforms what its trees say');
  const targets = boundedTargets(read.int('n_targets', 1));
  /** Of each node, by tree and number, its place in the lists. */
  const places = new Map<number, number>();
  const keyOf = (tree = -1, id = -1) => tree * 2 ** 26 + id;
  for (let node = 0; node < count; node++) places.set(keyOf(trees[node], ids[node]), node);
  if (places.size !== count) throw new Unread('two of its nodes have the same number');
  const weights = read.numbers('target_weights');
  const leafTarget = new Int32Array(count).fill(-1);
  const leafValue = new Float64Array(count);
  const leafIds = read.ints('target_nodeids', weights.length);
  const leafTrees = read.ints('target_treeids', weights.length);
  const leafTargets = read.ints('target_ids', weights.length);
  for (let leaf = 0; leaf < weights.length; leaf++) {
    const place = places.get(keyOf(leafTrees[leaf], leafIds[leaf])) ?? -1;
    if (leafTarget[place] !== -1) throw new Unread('a leaf has several values');
    leafTarget[place] = leafTargets[leaf] ?? -1;
    leafValue[place] = weights[leaf] ?? 0;
  }
  const childAt = (tree = -1, id = -1): Child => {
    const place = places.get(keyOf(tree, id));
    if (place === undefined) throw new Unread(`tree ${tree} has no node ${id}`);
    return modes[place] === 'LEAF' ? ~place : place;
  };
  const table = new SplitTable(count, count);
  const roots: number[] = [];
  for (let node = 0; node < count; node++) {
    const tree = trees[node];
    if (node === 0 || tree !== trees[node - 1]) roots.push(childAt(tree, ids[node]));
    if (modes[node] === 'LEAF') continue;
    table.set(node, modes[node], {
      feature: features[node] ?? -1,
      threshold: thresholds[node] ?? Number.NaN,
      missingIsTrue: missing[node] === 1,
      whenTrue: childAt(tree, whenTrue[node]),
      whenFalse: childAt(tree, whenFalse[node]),
    });
  }
  const base = read.numbers('base_values', undefined, 0);
  if (base.length !== 0 && base.length !== targets)
    throw new Unread('its base values are not one per target');
  return {
    ensemble: {
      isSingle,
      targets,
      roots: Int32Array.from(roots),
      ...table.columns,
      leafTarget,
      leafValue,
    },
    ending: {
      divisor: divisorOf(read.text('aggregate_function', 'SUM'), roots.length),
      base: base.length === 0 ? undefined : [...base],
    },
  };
}

function divisorOf(aggregate: string | undefined, trees: number): number | undefined {
  if (aggregate !== 'SUM' && aggregate !== 'AVERAGE') throw new Unread('its trees are not added');
  return aggregate === 'AVERAGE' ? trees : undefined;
}

function boundedTargets(targets: number): number {
  if (targets >= 1 && targets <= MOST_TARGETS) return targets;
  throw new Unread(`it has ${targets} targets`);
}

function child(index = -1, isLeaf = 0): Child {
  if (index < 0) throw new Unread(`a tree has no node ${index}`);
  return isLeaf === 1 ? ~index : index;
}

interface Split {
  readonly feature: number;
  readonly threshold: number;
  readonly missingIsTrue: boolean;
  readonly whenTrue: Child;
  readonly whenFalse: Child;
}

/** Splits in columns, all of them made to test `x <= threshold`. */
class SplitTable {
  readonly columns: Pick<Ensemble, 'feature' | 'threshold' | 'missingIsTrue' | 'whenTrue' | 'whenFalse'>;
  readonly #leaves: number;

  constructor(splits: number, leaves: number) {
    this.#leaves = leaves;
    this.columns = {
      feature: new Int32Array(splits),
      threshold: new Float64Array(splits),
      missingIsTrue: new Uint8Array(splits),
      whenTrue: new Int32Array(splits),
      whenFalse: new Int32Array(splits),
    };
  }

  set(node: number, mode: string | undefined, split: Split): void {
    const { feature, threshold, missingIsTrue, whenTrue, whenFalse } = asAtMost(mode, split);
    if (Number.isNaN(threshold)) throw new Unread('a tree compares with a threshold that is no number');
    if (!(feature >= 0)) throw new Unread(`a tree looks at column ${feature}`);
    for (const own of [whenTrue, whenFalse]) {
      if (own >= this.columns.feature.length || ~own >= this.#leaves)
        throw new Unread(`a tree has no node ${own}`);
    }
    this.columns.feature[node] = feature;
    this.columns.threshold[node] = threshold;
    this.columns.missingIsTrue[node] = Number(missingIsTrue);
    this.columns.whenTrue[node] = whenTrue;
    this.columns.whenFalse[node] = whenFalse;
  }
}

/** Nothing lies between a number and the next smaller one, so `x < t` is `x <= t'`; what is "not below" is its opposite. */
function asAtMost(mode: string | undefined, split: Split): Split {
  switch (mode) {
    case 'BRANCH_LEQ':
      return split;
    case 'BRANCH_LT':
      // Nothing is below minus infinity: the opposite of what always holds.
      if (split.threshold === -Infinity) return opposite({ ...split, threshold: Infinity });
      return { ...split, threshold: nextBelow(split.threshold) };
    case 'BRANCH_GTE':
      return asAtMost('BRANCH_LT', opposite(split));
    case 'BRANCH_GT':
      return opposite(split);
    default:
      throw new Unread(`a tree tests ${mode ?? 'something unknown'}`);
  }
}

/** The same tree with the test denied: a missing value passes the one where it fails the other. */
function opposite({ missingIsTrue, whenTrue, whenFalse, ...rest }: Split): Split {
  return { ...rest, missingIsTrue: !missingIsTrue, whenTrue: whenFalse, whenFalse: whenTrue };
}

function nextBelow(value: number): number {
  if (value === 0) return -Number.MIN_VALUE;
  const number = Float64Array.of(value);
  const bits = new BigInt64Array(number.buffer);
  // Of negative numbers those with larger bits are smaller.
  bits[0] = (bits[0] ?? 0n) + (value > 0 ? -1n : 1n);
  return number[0] ?? Number.NaN;
}

class AttributeReader {
  readonly #attributes: ReadonlyMap<string, OnnxAttribute>;

  constructor(attributes: ReadonlyMap<string, OnnxAttribute>) {
    this.#attributes = attributes;
  }

  int(name: string, usual: number): number {
    return this.#attributes.get(name)?.int ?? usual;
  }

  text(name: string, usual: string): string {
    return this.#attributes.get(name)?.text ?? usual;
  }

  demand(name: string, wanted: number): void {
    if (this.int(name, wanted) !== wanted) throw new Unread(`its ${name} is ${this.int(name, wanted)}`);
  }

  tensor(name: string) {
    const tensor = this.#attributes.get(name)?.tensor;
    if (tensor === undefined) throw new Unread(`a tree ensemble has no ${name}`);
    return tensor;
  }

  /** Whole numbers, so many when told. @param usual for all, where the attribute may be absent */
  ints(name: string, count?: number, usual?: number): Float64Array {
    return this.#checked(name, this.#attributes.get(name)?.ints, count, usual);
  }

  /** Numbers of an attribute of 32 bits, or of the one beside it that has 64. */
  numbers(name: string, count?: number, usual?: number): Float64Array {
    const tensor = this.#attributes.get(`${name}_as_tensor`)?.tensor?.values;
    return this.#checked(name, tensor ?? this.#attributes.get(name)?.floats, count, usual);
  }

  #checked(name: string, found: Float64Array | undefined, count?: number, usual?: number): Float64Array {
    const values = found ?? new Float64Array();
    if (values.length === 0 && usual !== undefined) return new Float64Array(count ?? 0).fill(usual);
    if (count === undefined ? values.length > 0 : values.length === count) return values;
    throw new Unread(`a tree ensemble has ${values.length} ${name}`);
  }
}
