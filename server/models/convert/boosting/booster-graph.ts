import { elementNumber, type GraphBuilder, type Tensor, type TensorLiteral } from '../graph/index.ts';
import { boosterLink } from './booster-link.ts';
import type { BoosterModel, BoosterOutputs, TreeColumns } from './booster-model.ts';
import { damagedBooster } from './damaged-booster.ts';
import { type TreeEnsembleColumns, treeEnsembleColumns } from './tree-ensemble.ts';

/** LightGBM's `kZeroThreshold`, a float32. */
const ALMOST_ZERO = Math.fround(1e-35);

/**
 * Adds a booster to a graph: the same comparisons and sums, in the same order and precision, as its library. (onnxruntime
 * adds in that order with one thread; with several the last digits of a sum may differ.)
 * @param input a double tensor, N × columns
 * @throws AppError `model.not-a-model` when the booster was trained on another number of columns
 */
export function addBooster(
  graph: GraphBuilder,
  input: Tensor,
  columns: number,
  model: BoosterModel,
): BoosterOutputs {
  if (columns !== model.columns) {
    throw damagedBooster(`it was trained on ${model.columns} columns and would be given ${columns}`);
  }
  const typed =
    model.precision === 'float32'
      ? graph.add('Cast', [input], { to: { int: elementNumber('float') } })
      : input;
  const rows = withMissing(graph, typed, model);
  const sum = model.body.kind === 'trees' ? addTrees(graph, rows, model) : addLinear(graph, rows, model);
  const mean =
    model.divisor === 1
      ? sum
      : graph.add('Div', [sum, graph.constant(valuesOf(model, [model.divisor]), [1])]);
  return boosterLink(graph, mean, model);
}

/** NaN also where the value stands that means a missing one. */
function withMissing(graph: GraphBuilder, rows: Tensor, model: BoosterModel): Tensor {
  if (model.missing === undefined || Number.isNaN(model.missing)) return rows;
  const marker = graph.constant(valuesOf(model, [model.missing]), [1]);
  const nan = graph.constant(valuesOf(model, [Number.NaN]), [1]);
  return graph.add('Where', [graph.add('Equal', [rows, marker]), nan, rows]);
}

function addTrees(graph: GraphBuilder, rows: Tensor, model: BoosterModel): Tensor {
  if (model.body.kind !== 'trees') throw new RangeError('a linear booster has no trees');
  const { trees, base, treeColumns } = model.body;
  const start = base ?? (trees.length === 0 ? new Array<number>(model.outputs).fill(0) : undefined);
  const columns = treeEnsembleColumns(trees, start);
  return graph.add(
    'TreeEnsemble',
    [preparedColumns(graph, rows, treeColumns)],
    {
      n_targets: { int: model.outputs },
      aggregate_function: { int: 1 },
      post_transform: { int: 0 },
      ...attributesOf(columns, model),
    },
    { domain: 'ai.onnx.ml' },
  );
}

function attributesOf(columns: TreeEnsembleColumns, model: BoosterModel) {
  const tensor = (numbers: readonly number[]): { readonly tensor: TensorLiteral } => ({
    tensor: { values: valuesOf(model, numbers), shape: [numbers.length] },
  });
  return {
    tree_roots: { ints: columns.treeRoots },
    nodes_featureids: { ints: columns.features },
    nodes_modes: { tensor: { values: Uint8Array.from(columns.modes), shape: [columns.modes.length] } },
    nodes_splits: tensor(columns.splits),
    nodes_truenodeids: { ints: columns.trueIds },
    nodes_falsenodeids: { ints: columns.falseIds },
    nodes_trueleafs: { ints: columns.trueIsLeaf },
    nodes_falseleafs: { ints: columns.falseIsLeaf },
    nodes_missing_value_tracks_true: { ints: columns.missingIsTrue },
    leaf_targetids: { ints: columns.leafTargets },
    leaf_weights: tensor(columns.leafWeights),
    ...(columns.members.length > 0 ? { membership_values: tensor(columns.members) } : {}),
  };
}

/** The columns the trees look at: the model's own, then those with zero made missing, then those cut to whole numbers. */
function preparedColumns(graph: GraphBuilder, rows: Tensor, { zero, category }: TreeColumns): Tensor {
  if (!zero && !category) return rows;
  const blocks = [rows];
  const size = graph.add('Abs', [rows]);
  if (zero) {
    const isZero = graph.add('LessOrEqual', [size, graph.constant(Float64Array.of(ALMOST_ZERO), [1])]);
    const nan = graph.constant(Float64Array.of(Number.NaN), [1]);
    blocks.push(graph.add('Where', [isZero, nan, rows]));
  }
  if (category === 'down') blocks.push(graph.add('Floor', [rows]));
  if (category === 'toward-zero') {
    blocks.push(graph.add('Mul', [graph.add('Sign', [rows]), graph.add('Floor', [size])]));
  }
  return graph.add('Concat', blocks, { axis: { int: 1 } });
}

/** A missing column adds nothing. */
function addLinear(graph: GraphBuilder, rows: Tensor, model: BoosterModel): Tensor {
  if (model.body.kind !== 'linear') throw new RangeError('a booster of trees has no weights');
  const zero = graph.constant(valuesOf(model, [0]), [1]);
  const present = graph.add('Where', [graph.add('IsNaN', [rows]), zero, rows]);
  const weights = graph.constant(valuesOf(model, model.body.weights), [model.columns, model.outputs]);
  const bias = graph.constant(valuesOf(model, model.body.bias), [1, model.outputs]);
  return graph.add('Add', [graph.add('MatMul', [present, weights]), bias]);
}

function valuesOf(model: BoosterModel, numbers: ArrayLike<number>): Float32Array | Float64Array {
  return model.precision === 'float32' ? Float32Array.from(numbers) : Float64Array.from(numbers);
}
