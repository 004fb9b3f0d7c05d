import { PythonObject } from '../../python/python-values.ts';
import { columnsOf, indexOfLargest, joinColumns, pick, row, scalar } from '../arithmetic.ts';
import { asItems, asNumbers, classesOf, isArray, itemsOf, missing, objectOf, textOf } from '../attributes.ts';
import type { ClassName, Columns, Converter, Scope } from '../conversion.ts';
import { elementNumber, type Tensor } from '../graph/index.ts';
import { classTitle, unfitted, unsupported } from '../refusals.ts';
import { probabilitiesOf } from './gradient-boosting.ts';
import { addTreeEnsemble, type EnsembleTree } from './tree-ensemble.ts';
import { checkTree } from './tree-nodes.ts';

const IDENTITY_LOSSES = new Set([
  'squared_error',
  'least_squares',
  'absolute_error',
  'least_absolute_deviation',
  'quantile',
]);
const LOG_LOSSES = new Set(['poisson', 'gamma']);
/** Categories are bytes. */
const MOST_CATEGORIES = 256;
const WORDS_PER_SET = MOST_CATEGORIES / 32;

/** HistGradientBoostingRegressor, also with missing values and categories. Everything is float64. */
export const convertHistRegressor: Converter = (model, input, scope) => {
  const loss = textOf(model, 'loss') ?? '';
  if (!IDENTITY_LOSSES.has(loss) && !LOG_LOSSES.has(loss)) {
    throw unsupported(`${classTitle(model.type)} has the loss "${loss}", which cannot be imported`);
  }
  const scores = histScores(model, input, scope, 1);
  return {
    kind: 'prediction',
    tensor: LOG_LOSSES.has(loss) ? scope.graph.add('Exp', [scores]) : scores,
    width: 1,
  };
};

/** HistGradientBoostingClassifier. */
export const convertHistClassifier: Converter = (model, input, scope) => {
  const classes: ClassName[] = classesOf(model);
  const outputs = classes.length === 2 ? 1 : classes.length;
  const scores = histScores(model, input, scope, outputs);
  const probabilities = probabilitiesOf(scope.graph, scores, outputs);
  const label = indexOfLargest(scope.graph, probabilities);
  return { kind: 'classes', label, probabilities, decision: scores, classes };
};

function histScores(model: PythonObject, given: Columns, scope: Scope, outputs: number): Tensor {
  const { graph } = scope;
  const input = prepared(model, given, scope);
  const baseline = asNumbers(model.get('_baseline_prediction'));
  if (baseline?.length !== outputs) throw missing(model, '_baseline_prediction');
  const trees = itemsOf(model, '_predictors').flatMap(stage => {
    const predictors = asItems(stage);
    if (predictors?.length !== outputs) throw missing(model, '_predictors');
    return predictors.map((predictor, target) => {
      if (!(predictor instanceof PythonObject)) throw missing(model, '_predictors');
      return readPredictor(predictor, input.width, target, scope);
    });
  });
  // Early stopping may leave no tree at all.
  if (trees.length === 0) throw unfitted(`${classTitle(model.type)} has no trees`);
  return graph.add('Add', [addTreeEnsemble(graph, input.tensor, trees, outputs), row(graph, baseline)]);
}

/** Since 1.4 categories are numbered by an encoder of its own; then unknown categories become missing values. */
function prepared(model: PythonObject, given: Columns, scope: Scope): Columns {
  const preprocessor = model.get('_preprocessor');
  const input = preprocessor instanceof PythonObject ? columnsOf(scope.convert(preprocessor, given)) : given;
  const mapper = objectOf(model, '_bin_mapper');
  const isCategorical = asNumbers(mapper.get('is_categorical_'));
  if (!isCategorical?.includes(1)) return input;
  const known = itemsOf(mapper, 'bin_thresholds_');
  if (isCategorical.length !== input.width || known.length !== input.width)
    throw missing(mapper, 'bin_thresholds_');
  const parts = known.map((categories, column): Columns => {
    const tensor = pick(scope.graph, input.tensor, [column]);
    if (isCategorical[column] !== 1) return { tensor, width: 1 };
    const values = asNumbers(categories);
    if (values === undefined) throw missing(mapper, 'bin_thresholds_');
    return { tensor: knownCategory(tensor, values, scope), width: 1 };
  });
  return joinColumns(scope.graph, parts);
}

/** A category as a whole number; NaN when it is missing, negative or was not seen in training. */
function knownCategory(x: Tensor, known: Float64Array, { graph }: Scope): Tensor {
  const table = new Float64Array(MOST_CATEGORIES + 1).fill(Number.NaN);
  for (const category of known) {
    if (!(Number.isInteger(category) && category >= 0 && category < MOST_CATEGORIES)) {
      throw unfitted(`HistGradientBoosting has the category ${category}; categories are 0 to 255`);
    }
    table[category] = category;
  }
  const isNegative = graph.add('Less', [x, scalar(graph, 0)]);
  const isLarge = graph.add('GreaterOrEqual', [x, scalar(graph, MOST_CATEGORIES)]);
  const isOutside = graph.add('Or', [graph.add('Or', [isNegative, isLarge]), graph.add('IsNaN', [x])]);
  const place = graph.add('Where', [isOutside, scalar(graph, MOST_CATEGORIES), graph.add('Floor', [x])]);
  const index = graph.add('Cast', [place], { to: { int: elementNumber('int64') } });
  return graph.add('Gather', [graph.constant(table, [table.length]), index], { axis: { int: 0 } });
}

function readPredictor(predictor: PythonObject, columns: number, target: number, scope: Scope): EnsembleTree {
  const nodes = predictor.get('nodes');
  if (!isArray(nodes)) throw missing(predictor, 'nodes');
  const column = (name: string, older = name): Float64Array => {
    const values = nodes.column(name) ?? nodes.column(older);
    if (values === undefined) throw unfitted(`The nodes of HistGradientBoosting have no ${name}`);
    return values;
  };
  const isLeaf = column('is_leaf');
  const isCategorical = column('is_categorical');
  const setOf = column('bitset_idx');
  const value = column('value');
  const sets = asNumbers(predictor.get('raw_left_cat_bitsets')) ?? new Float64Array(0);
  scope.countTreeNodes(isLeaf.length);
  const tree = checkTree(
    {
      isLeaf: node => isLeaf[node] === 1,
      left: column('left'),
      right: column('right'),
      feature: column('feature_idx'),
      threshold: column('num_threshold', 'threshold'),
      missingLeft: column('missing_go_to_left'),
      members: node => (isCategorical[node] === 1 ? membersOf(sets, setOf[node] ?? -1) : undefined),
    },
    columns,
  );
  return { tree, target, leafValues: tree.leaves.map(leaf => value[leaf] ?? 0) };
}

/** The numbers in a set of eight 32-bit words. */
function membersOf(sets: Float64Array, index: number): number[] {
  const words = sets.subarray(index * WORDS_PER_SET, (index + 1) * WORDS_PER_SET);
  if (index < 0 || words.length !== WORDS_PER_SET)
    throw unfitted('A tree tests a set of categories that does not exist');
  const members: number[] = [];
  for (let category = 0; category < MOST_CATEGORIES; category++) {
    if (((words[category >> 5] ?? 0) >>> (category & 31)) & 1) members.push(category);
  }
  return members;
}
