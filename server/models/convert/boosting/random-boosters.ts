import fc from 'fast-check';

/** Tests only: a small tree in words, from which files of both libraries are written and a literal walk is done. */
export type SpokenTree =
  | { readonly leaf: number }
  | {
      readonly feature: number;
      readonly threshold: number;
      /** For LightGBM: true when the value is among them. */
      readonly categories?: readonly number[];
      readonly missing: 'none' | 'zero' | 'nan';
      readonly defaultLeft: boolean;
      readonly left: SpokenTree;
      readonly right: SpokenTree;
    };

/** Columns of the random trees. */
export const COLUMNS = 3;

const thresholds = fc.oneof(
  fc.double({ min: -1e4, max: 1e4, noNaN: true }),
  fc.constantFrom(0, -0, 1e-35, -1e-35, 1.0000000180025095e-35, -1.0000000180025095e-35, 0.1, 0.5, 1, 7),
);
const leaves = fc.double({ min: -100, max: 100, noNaN: true });
const branch = {
  feature: fc.integer({ min: 0, max: COLUMNS - 1 }),
  threshold: thresholds,
  missing: fc.constantFrom('none', 'zero', 'nan'),
  defaultLeft: fc.boolean(),
} as const;

/** Trees up to five levels deep. */
export function spokenTrees(options: { readonly categories: boolean }): fc.Arbitrary<SpokenTree[]> {
  const { tree } = fc.letrec<{ tree: SpokenTree; leaf: SpokenTree; split: SpokenTree }>(tie => ({
    leaf: fc.record({ leaf: leaves }),
    split: options.categories
      ? fc.oneof(
          fc.record({ ...branch, left: tie('tree'), right: tie('tree') }),
          fc.record({
            ...branch,
            categories: fc.uniqueArray(fc.integer({ min: 0, max: 130 }), { minLength: 1, maxLength: 6 }),
            left: tie('tree'),
            right: tie('tree'),
          }),
        )
      : fc.record({ ...branch, left: tie('tree'), right: tie('tree') }),
    tree: fc.oneof({ maxDepth: 5, withCrossShrink: true }, tie('leaf'), tie('split'), tie('split')),
  }));
  return fc.array(tree, { minLength: 1, maxLength: 6 });
}

/** Rows on, just below and just above every threshold (in float32 and float64), and with missing and odd values. */
export function probingRows(trees: readonly SpokenTree[]): number[][] {
  const values = new Set<number>([
    Number.NaN,
    0,
    1e-36,
    -1e-36,
    1e-35,
    -1e-35,
    -0.5,
    2.7,
    1e30,
    -3,
    130,
    131,
  ]);
  const visit = (tree: SpokenTree): void => {
    if ('leaf' in tree) return;
    const short = Math.fround(tree.threshold);
    for (const exact of [tree.threshold, short]) {
      values.add(exact).add(neighbour(exact, 1)).add(neighbour(exact, -1));
    }
    values.add(shortNeighbour(short, 1)).add(shortNeighbour(short, -1));
    for (const category of tree.categories ?? []) values.add(category).add(category + 0.9);
    visit(tree.left);
    visit(tree.right);
  };
  for (const tree of trees) visit(tree);
  const all = [...values];
  return all.flatMap((value, index) =>
    Array.from({ length: COLUMNS }, (_, column) =>
      Array.from({ length: COLUMNS }, (_, own) =>
        own === column ? value : (all[(index * 7 + own * 3 + column) % all.length] ?? 0),
      ),
    ),
  );
}

/** The double next to a finite one. */
function neighbour(value: number, direction: 1 | -1): number {
  const view = new DataView(new ArrayBuffer(8));
  if (value === 0) return direction * Number.MIN_VALUE;
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + BigInt(value > 0 ? direction : -direction));
  return view.getFloat64(0);
}

function shortNeighbour(value: number, direction: 1 | -1): number {
  const view = new DataView(new ArrayBuffer(4));
  if (value === 0) return direction * 2 ** -149;
  view.setFloat32(0, value);
  view.setInt32(0, view.getInt32(0) + (value > 0 ? direction : -direction));
  return view.getFloat32(0);
}

/**
 * What XGBoost answers: float32 throughout, `x < t`, members of a set to the right, the base first.
 * @returns the sum of each output; tree `i` belongs to output `i % outputs`
 */
export function walkXgboost(
  trees: readonly SpokenTree[],
  row: readonly number[],
  base: number,
  outputs = 1,
): number[] {
  const sums = new Array<number>(outputs).fill(Math.fround(base));
  for (const [index, root] of trees.entries()) {
    let tree = root;
    while (!('leaf' in tree)) {
      const x = Math.fround(row[tree.feature] ?? 0);
      const isLess = tree.categories
        ? x < 0 || !tree.categories.includes(Math.trunc(x))
        : x < Math.fround(tree.threshold);
      tree = (Number.isNaN(x) ? tree.defaultLeft : isLess) ? tree.left : tree.right;
    }
    const output = index % outputs;
    sums[output] = Math.fround((sums[output] ?? 0) + Math.fround(tree.leaf));
  }
  return sums;
}

/** What LightGBM answers: `Tree::NumericalDecision` and `Tree::CategoricalDecision`, word for word. */
export function walkLightgbm(trees: readonly SpokenTree[], row: readonly number[]): number {
  let sum = 0;
  for (let tree of trees) {
    while (!('leaf' in tree)) {
      let x = row[tree.feature] ?? 0;
      let left: boolean;
      if (tree.categories !== undefined) {
        left = !Number.isNaN(x) && Math.trunc(x) >= 0 && tree.categories.includes(Math.trunc(x) + 0);
      } else {
        if (Number.isNaN(x) && tree.missing !== 'nan') x = 0;
        const isZero = x >= -Math.fround(1e-35) && x <= Math.fround(1e-35);
        const missing = (tree.missing === 'zero' && isZero) || (tree.missing === 'nan' && Number.isNaN(x));
        left = missing ? tree.defaultLeft : x <= tree.threshold;
      }
      tree = left ? tree.left : tree.right;
    }
    sum += tree.leaf;
  }
  return sum;
}

/** The model as XGBoost's JSON. `changes` go over the parts of `learner`. */
export function xgboostJson(
  trees: readonly SpokenTree[],
  options: {
    readonly objective?: string;
    readonly baseScore?: string;
    readonly classes?: number;
    readonly dart?: readonly number[];
    readonly attributes?: Readonly<Record<string, string>>;
    readonly parallel?: number;
  } = {},
): Record<string, unknown> {
  const groups = options.classes ?? 1;
  const model = {
    gbtree_model_param: { num_parallel_tree: `${options.parallel ?? 1}`, num_trees: `${trees.length}` },
    tree_info: trees.map((_, index) => index % groups),
    trees: trees.map(xgboostTree),
  };
  const booster =
    options.dart === undefined
      ? { name: 'gbtree', model }
      : { name: 'dart', gbtree: { name: 'gbtree', model }, weight_drop: options.dart };
  return {
    learner: {
      attributes: options.attributes ?? {},
      feature_names: [],
      feature_types: [],
      gradient_booster: booster,
      learner_model_param: {
        base_score: options.baseScore ?? '5E-1',
        num_class: `${options.classes ?? 0}`,
        num_feature: `${COLUMNS}`,
        num_target: '1',
      },
      objective: { name: options.objective ?? 'reg:squarederror' },
    },
    version: [1, 7, 4],
  };
}

function xgboostTree(root: SpokenTree): Record<string, unknown> {
  const left: number[] = [];
  const right: number[] = [];
  const indices: number[] = [];
  const conditions: number[] = [];
  const defaults: number[] = [];
  const types: number[] = [];
  const sets: { readonly node: number; readonly start: number; readonly size: number }[] = [];
  const categories: number[] = [];
  const put = (tree: SpokenTree): number => {
    const node = left.push(-1) - 1;
    right.push(-1);
    indices.push('leaf' in tree ? 0 : tree.feature);
    conditions.push('leaf' in tree ? tree.leaf : tree.categories ? Number.NaN : tree.threshold);
    defaults.push('leaf' in tree ? 0 : Number(tree.defaultLeft));
    const set = 'leaf' in tree ? undefined : tree.categories;
    types.push(set === undefined ? 0 : 1);
    if (set !== undefined) {
      sets.push({ node, start: categories.length, size: set.length });
      categories.push(...set);
    }
    if (!('leaf' in tree)) {
      left[node] = put(tree.left);
      right[node] = put(tree.right);
    }
    return node;
  };
  put(root);
  return {
    left_children: left,
    right_children: right,
    split_indices: indices,
    split_conditions: conditions,
    default_left: defaults,
    split_type: types,
    categories,
    categories_nodes: sets.map(({ node }) => node),
    categories_segments: sets.map(({ start }) => start),
    categories_sizes: sets.map(({ size }) => size),
    tree_param: { num_nodes: `${left.length}`, size_leaf_vector: '0' },
  };
}

/** The model as LightGBM's text. */
export function lightgbmText(
  trees: readonly SpokenTree[],
  options: { readonly objective?: string; readonly classes?: number; readonly average?: boolean } = {},
): string {
  const classes = options.classes ?? 1;
  return [
    'tree',
    'version=v4',
    `num_class=${classes}`,
    `num_tree_per_iteration=${classes}`,
    'label_index=0',
    `max_feature_idx=${COLUMNS - 1}`,
    `objective=${options.objective ?? 'regression'}`,
    ...(options.average ? ['average_output'] : []),
    `feature_names=${Array.from({ length: COLUMNS }, (_, index) => `Column_${index}`).join(' ')}`,
    '',
    ...trees.flatMap((tree, index) => [`Tree=${index}`, ...lightgbmTree(tree), '', '']),
    'end of trees',
    '',
    'pandas_categorical:[]',
    '',
  ].join('\n');
}

function lightgbmTree(root: SpokenTree): string[] {
  const left: number[] = [];
  const right: number[] = [];
  const features: number[] = [];
  const thresholds: number[] = [];
  const decisions: number[] = [];
  const values: number[] = [];
  const bounds = [0];
  const words: number[] = [];
  const put = (tree: SpokenTree): number => {
    if ('leaf' in tree) return ~(values.push(tree.leaf) - 1);
    const node = features.push(tree.feature) - 1;
    const missing = { none: 0, zero: 1, nan: 2 }[tree.missing];
    decisions.push((tree.categories ? 1 : 0) | (tree.defaultLeft ? 2 : 0) | (missing << 2));
    thresholds.push(tree.categories ? bounds.length - 1 : tree.threshold);
    if (tree.categories) {
      const set = new Array<number>(Math.floor(Math.max(...tree.categories) / 32) + 1).fill(0);
      for (const own of tree.categories) {
        set[own >> 5] = ((set[own >> 5] ?? 0) | (1 << (own & 31))) >>> 0;
      }
      words.push(...set);
      bounds.push(words.length);
    }
    left[node] = put(tree.left);
    right[node] = put(tree.right);
    return node;
  };
  put(root);
  const categories = bounds.length - 1;
  return [
    `num_leaves=${values.length}`,
    `num_cat=${categories}`,
    `split_feature=${features.join(' ')}`,
    `threshold=${thresholds.join(' ')}`,
    `decision_type=${decisions.join(' ')}`,
    `left_child=${left.join(' ')}`,
    `right_child=${right.join(' ')}`,
    ...(categories > 0 ? [`cat_boundaries=${bounds.join(' ')}`, `cat_threshold=${words.join(' ')}`] : []),
    `leaf_value=${values.join(' ')}`,
    'is_linear=0',
    'shrinkage=1',
  ];
}
