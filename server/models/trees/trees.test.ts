import {
  closeSync,
  existsSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { lightgbmText, probingRows, spokenTrees, xgboostJson } from '../convert/boosting/random-boosters.ts';
import { type Attribute, elementNumber, GraphBuilder } from '../convert/graph/index.ts';
import { convertFile } from '../convert/index.ts';
import { LoadedModel } from '../loaded-model.ts';
import { readTreePlan } from './read-tree-plan.ts';
import { bitDifference } from './same-bits.ts';
import { tellingRows } from './telling-rows.ts';
import { TreeModel } from './tree-model.ts';

const shared = join(import.meta.dirname, '../../../../shared/data/pkl-parity');
const fixtures = join(import.meta.dirname, '../convert/fixtures');
const samples = join(import.meta.dirname, '../../../resources/models');
const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-trees-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Files of models: Python's, ours, and others' where they are. */
const files = [
  ...[shared, fixtures].filter(existsSync).flatMap(root =>
    readdirSync(root)
      .filter(id => existsSync(join(root, id, 'case.json')))
      .map(id =>
        join(
          root,
          id,
          (JSON.parse(readFileSync(join(root, id, 'case.json'), 'utf8')) as { file: string }).file,
        ),
      ),
  ),
  ...readdirSync(samples)
    .filter(name => /\.(joblib|onnx)$/.test(name))
    .map(name => join(samples, name)),
];

let written = 0;
function write(onnx: Uint8Array): string {
  const path = join(folder, `${written++}.onnx`);
  writeFileSync(path, onnx);
  return path;
}

function planOf(path: string, columns: number) {
  const file = openSync(path, 'r');
  try {
    return readTreePlan(file, fstatSync(file).size, columns);
  } finally {
    closeSync(file);
  }
}

/** How a file's walk differs from ONNX Runtime; undefined when all bits are the same. @throws when it is not walked */
function difference(onnx: Uint8Array, rows?: Float64Array): string | undefined {
  const path = write(onnx);
  const theirs = LoadedModel.load(path);
  const columns = theirs.columns ?? 0;
  const { plan, reason } = planOf(path, columns);
  if (!plan) throw new Error(reason);
  const ours = new TreeModel(plan);
  const telling = tellingRows(plan, 1_001);
  for (let row = 0; row < 40; row++) {
    const alone = bitDifference(ours, theirs, telling.slice(row * columns, (row + 1) * columns), columns);
    if (alone !== undefined) return `by itself: ${alone}`;
  }
  return (
    bitDifference(ours, theirs, telling, columns) ?? (rows && bitDifference(ours, theirs, rows, columns))
  );
}

describe('every file that is walked says what ONNX Runtime says, to the bit', { timeout: 120_000 }, () => {
  it('of all files that can be converted here', () => {
    const walked: string[] = [];
    for (const path of files) {
      const onnx = converted(path);
      if (onnx === undefined) continue;
      const name = path.slice(0, path.lastIndexOf('/')).split('/').at(-1) ?? path;
      try {
        expect(difference(onnx), path).toBeUndefined();
        walked.push(name);
      } catch (error) {
        // Not walked here: ONNX Runtime serves.
        if (!/^(it|a|its|nothing|two|tree|node|".*") /.test((error as Error).message)) throw error;
      }
    }
    const own = [
      'bagging',
      'boosting-zero',
      'older-boosting-starts-tree',
      'older-xgb-log-odds',
      'tree-missing',
    ];
    expect(walked).toEqual(expect.arrayContaining([...own, 'tree-one-leaf', 'models']));
    if (existsSync(shared)) expect(walked.length).toBeGreaterThan(45);
    console.log(
      `${walked.length} of ${files.length} files are walked${existsSync(shared) ? '' : '; only those of this repository were there'}`,
    );
  });

  it('of random ensembles of XGBoost and LightGBM, on, below and above each threshold', () => {
    const encode = (text: string) => new TextEncoder().encode(text);
    fc.assert(
      fc.property(spokenTrees({ categories: false }), fc.constantFrom(1, 3), (trees, classes) => {
        const rows = Float64Array.from(probingRows(trees).flat());
        const options = classes === 1 ? {} : { classes };
        const boosted = convertFile(encode(JSON.stringify(xgboostJson(trees, options)))).onnx;
        if (classes === 1) expect(difference(boosted, rows)).toBeUndefined();
        expect(difference(convertFile(encode(lightgbmText(trees))).onnx, rows)).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });
});

function converted(path: string): Uint8Array | undefined {
  const bytes = readFileSync(path);
  if (path.endsWith('.onnx')) return bytes;
  try {
    return convertFile(bytes).onnx;
  } catch {
    return undefined;
  }
}

/** A tree for the operator of ai.onnx.ml 5: nodes by number, children below 0 are leaves. */
interface Drawn {
  readonly mode: number;
  readonly feature: number;
  readonly threshold: number;
  readonly isMissingTrue: boolean;
  readonly whenTrue: number;
  readonly whenFalse: number;
}

const THRESHOLDS = [
  0,
  -0,
  1,
  -1,
  0.1,
  2 ** -1074,
  1e308,
  Infinity,
  -Infinity,
  1 + 2 ** -52,
  1 - 2 ** -53,
  1e-35,
];

/** Random trees whose node n has children beyond n, so that they end. */
function drawnTrees(modes: readonly number[], most: number): fc.Arbitrary<Drawn[][]> {
  const node = fc.record({
    mode: fc.constantFrom(...modes),
    feature: fc.nat(2),
    threshold: fc.constantFrom(...THRESHOLDS),
    isMissingTrue: fc.boolean(),
    goesOn: fc.nat(3),
  });
  const tree = fc.array(node, { minLength: 1, maxLength: most }).map(nodes => {
    let [next, leaf] = [1, 0];
    const childOf = (wanted: boolean) => (wanted && next < nodes.length ? next++ : ~leaf++);
    return nodes.map(({ goesOn, ...own }, index) => {
      // The last node that is still open must go on, lest the others hang in the air.
      const isLast = next === index + 1;
      const whenTrue = childOf((goesOn & 1) === 1 || isLast);
      return { ...own, whenTrue, whenFalse: childOf((goesOn & 2) === 2) };
    });
  });
  return fc.array(tree, { minLength: 1, maxLength: 6 });
}

const floatsOf = (isSingle: boolean, numbers: readonly number[]) =>
  isSingle ? Float32Array.from(numbers) : Float64Array.from(numbers);

/** As `TreeEnsemble` of ai.onnx.ml 5. */
function treeEnsemble(
  trees: readonly Drawn[][],
  isSingle: boolean,
  change: Record<string, Attribute> = {},
): Uint8Array {
  const starts: number[] = [];
  const leafStarts: number[] = [];
  let [nodes, leaves] = [0, 0];
  for (const tree of trees) {
    starts.push(nodes);
    leafStarts.push(leaves);
    nodes += tree.length;
    leaves += tree.length + 1;
  }
  const all = trees.flatMap((tree, index) => tree.map(own => ({ ...own, index })));
  const place = (child: number, index: number) =>
    child >= 0 ? child + (starts[index] ?? 0) : ~child + (leafStarts[index] ?? 0);
  const tensor = (values: Float32Array | Float64Array | Uint8Array): Attribute => ({
    tensor: { values, shape: [values.length] },
  });
  const graph = new GraphBuilder();
  const input = graph.input('X', 3, isSingle ? 'float' : 'double');
  const sums = graph.add(
    'TreeEnsemble',
    [input],
    {
      n_targets: { int: 2 },
      aggregate_function: { int: 1 },
      post_transform: { int: 0 },
      tree_roots: { ints: starts },
      nodes_featureids: { ints: all.map(({ feature }) => feature) },
      nodes_modes: tensor(Uint8Array.from(all, ({ mode }) => mode)),
      nodes_splits: tensor(
        floatsOf(
          isSingle,
          all.map(({ threshold }) => threshold),
        ),
      ),
      nodes_truenodeids: { ints: all.map(({ whenTrue, index }) => place(whenTrue, index)) },
      nodes_falsenodeids: { ints: all.map(({ whenFalse, index }) => place(whenFalse, index)) },
      nodes_trueleafs: { ints: all.map(({ whenTrue }) => Number(whenTrue < 0)) },
      nodes_falseleafs: { ints: all.map(({ whenFalse }) => Number(whenFalse < 0)) },
      nodes_missing_value_tracks_true: { ints: all.map(({ isMissingTrue }) => Number(isMissingTrue)) },
      leaf_targetids: {
        ints: trees.flatMap((tree, index) => new Array<number>(tree.length + 1).fill(index % 2)),
      },
      leaf_weights: tensor(
        floatsOf(
          isSingle,
          Array.from({ length: leaves }, (_, leaf) => Math.sin(leaf) * 10 ** (leaf % 5)),
        ),
      ),
      ...change,
    },
    { domain: 'ai.onnx.ml' },
  );
  graph.output('sums', sums, isSingle ? 'float' : 'double', 2);
  return graph.toBytes();
}

/** As `TreeEnsembleRegressor` of ai.onnx.ml 3, with a base value. */
function treeRegressor(trees: readonly Drawn[][], isSingle: boolean): Uint8Array {
  const names = ['BRANCH_LEQ', 'BRANCH_LT', 'BRANCH_GTE', 'BRANCH_GT'];
  const nodes = trees.flatMap((tree, index) => [
    ...tree.map((own, id) => ({ ...own, id, index })),
    ...Array.from({ length: tree.length + 1 }, (_, leaf) => ({
      ...{ mode: -1, feature: 0, threshold: 0, isMissingTrue: false, whenTrue: 0, whenFalse: 0 },
      id: tree.length + leaf,
      index,
    })),
  ]);
  const idOf = (child: number, index: number) => (child >= 0 ? child : (trees[index]?.length ?? 0) + ~child);
  const leaves = nodes.filter(({ mode }) => mode === -1);
  const floats = (name: string, numbers: readonly number[]): Record<string, Attribute> => {
    if (isSingle) return { [name]: { floats: numbers } };
    return {
      [`${name}_as_tensor`]: { tensor: { values: Float64Array.from(numbers), shape: [numbers.length] } },
    };
  };
  const graph = new GraphBuilder();
  const input = graph.input('X', 3, isSingle ? 'float' : 'double');
  const sums = graph.add(
    'TreeEnsembleRegressor',
    [input],
    {
      n_targets: { int: 1 },
      aggregate_function: { text: trees.length % 2 ? 'SUM' : 'AVERAGE' },
      nodes_treeids: { ints: nodes.map(({ index }) => index) },
      nodes_nodeids: { ints: nodes.map(({ id }) => id) },
      nodes_featureids: { ints: nodes.map(({ feature }) => feature) },
      nodes_modes: { texts: nodes.map(({ mode }) => names[mode] ?? 'LEAF') },
      nodes_truenodeids: { ints: nodes.map(({ whenTrue, index }) => idOf(whenTrue, index)) },
      nodes_falsenodeids: { ints: nodes.map(({ whenFalse, index }) => idOf(whenFalse, index)) },
      nodes_missing_value_tracks_true: { ints: nodes.map(({ isMissingTrue }) => Number(isMissingTrue)) },
      ...floats(
        'nodes_values',
        nodes.map(({ threshold }) => threshold),
      ),
      target_treeids: { ints: leaves.map(({ index }) => index) },
      target_nodeids: { ints: leaves.map(({ id }) => id) },
      target_ids: { ints: leaves.map(() => 0) },
      ...floats(
        'target_weights',
        leaves.map((_, leaf) => Math.cos(leaf) * 10 ** (leaf % 4)),
      ),
      ...floats('base_values', [0.1]),
    },
    { domain: 'ai.onnx.ml' },
  );
  const double = graph.add('Cast', [sums], { to: { int: elementNumber('double') } });
  graph.output('sums', double, 'double', 1);
  return inVersion3(graph.toBytes());
}

/** Says that ai.onnx.ml 3 is meant, which has this operator; the builder writes version 5. */
function inVersion3(onnx: Uint8Array): Uint8Array {
  const bytes = Buffer.from(onnx);
  bytes[bytes.lastIndexOf('ai.onnx.ml') + 'ai.onnx.ml'.length + 1] = 3;
  return bytes;
}

describe('random trees of other makers, to the bit', { timeout: 120_000 }, () => {
  const all = [0, 1, 2, 3];

  it.each([false, true])('as TreeEnsemble with tests of every kind, in 32 bits: %s', isSingle => {
    fc.assert(
      fc.property(drawnTrees(all, 40), trees => {
        expect(difference(treeEnsemble(trees, isSingle))).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  it.each([false, true])('as TreeEnsembleRegressor with tests of one kind, in 32 bits: %s', isSingle => {
    fc.assert(
      fc.property(
        fc.constantFrom(...all).chain(mode => drawnTrees([mode], 40)),
        trees => {
          expect(difference(treeRegressor(trees, isSingle))).toBeUndefined();
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('what is no tree is not walked', () => {
  const node = { mode: 0, feature: 0, threshold: 1, isMissingTrue: false };
  const tree = [
    { ...node, whenTrue: 1, whenFalse: -1 },
    { ...node, whenTrue: -2, whenFalse: -3 },
  ];
  const reasonFor = (change: Record<string, Attribute>) =>
    planOf(write(treeEnsemble([tree], false, change)), 3).reason;

  it.each<[string, Record<string, Attribute>, RegExp]>([
    [
      'goes in a circle',
      { nodes_truenodeids: { ints: [1, 0] }, nodes_trueleafs: { ints: [0, 0] } },
      /reached twice/,
    ],
    ['leads to a node that does not exist', { nodes_truenodeids: { ints: [7, 0] } }, /no node 7/],
    ['leads below the first node', { nodes_truenodeids: { ints: [-9, 0] } }, /no node -1/],
    ['looks at a column that does not exist', { nodes_featureids: { ints: [0, 3] } }, /column 3 of 3/],
    ['adds to a target that does not exist', { leaf_targetids: { ints: [0, 5, 0] } }, /no value of a target/],
    ['adds to two targets', { leaf_targetids: { ints: [0, 1, 0] } }, /several targets/],
    ['has no root', { tree_roots: { ints: [] } }, /tree_roots/],
    ['has a root that does not exist', { tree_roots: { ints: [90] } }, /column|node|value/],
    ['has too few features', { nodes_featureids: { ints: [0] } }, /1 nodes_featureids/],
    [
      'asks for equality',
      { nodes_modes: { tensor: { values: Uint8Array.of(0, 4), shape: [2] } } },
      /BRANCH_EQ/,
    ],
    ['takes the least leaf', { aggregate_function: { int: 2 } }, /not added/],
    ['transforms its sums', { post_transform: { int: 1 } }, /post_transform is 1/],
  ])('that %s', (_, change, reason) => {
    expect(reasonFor(change)).toMatch(reason);
  });

  it('that is deeper than 5,000 levels', () => {
    const deep = Array.from({ length: 5_100 }, (_, index) => ({
      ...node,
      whenTrue: index < 5_099 ? index + 1 : -5_101,
      whenFalse: ~index,
    }));
    expect(planOf(write(treeEnsemble([deep], false)), 3).reason).toMatch(/too large/);
  });
});
