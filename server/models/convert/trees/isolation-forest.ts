import { roundToFloat32, row, scalar } from '../arithmetic.ts';
import { asItems, asNumber, asNumbers, itemsOf, missing, numberOf } from '../attributes.ts';
import type { Converter } from '../conversion.ts';
import { estimatorAt } from './forests.ts';
import { readSklearnTree } from './sklearn-tree.ts';
import { addTreeEnsemble } from './tree-ensemble.ts';

const EULER_GAMMA = 0.5772156649015329;

/** IsolationForest: score is `decision_function`, label -1 (outlier) below zero, else 1. */
export const convertIsolationForest: Converter = (model, input, scope) => {
  const { graph } = scope;
  const items = itemsOf(model, 'estimators_');
  const subsets = asItems(model.get('estimators_features_'));
  const trees = items.map((_, index) => {
    const features = subsets && asNumbers(subsets[index]);
    const read = readSklearnTree(estimatorAt(items, index, model), input.width, scope, features);
    const { leaves, leafDepths } = read.tree;
    const leafValues = leaves.map(
      (leaf, at) => (leafDepths[at] ?? 0) + averagePathLength(read.samples[leaf] ?? 0),
    );
    return { tree: read.tree, target: 0, leafValues };
  });
  const samples = asNumber(model.get('_max_samples')) ?? asNumber(model.get('max_samples_'));
  if (samples === undefined) throw missing(model, 'max_samples_');
  const depth = addTreeEnsemble(graph, roundToFloat32(graph, input.tensor), trees, 1);
  const longest = trees.length * averagePathLength(samples);
  const share = longest === 0 ? row(graph, [1]) : graph.add('Div', [depth, scalar(graph, longest)]);
  const anomaly = graph.add('Pow', [scalar(graph, 2), graph.add('Neg', [share])]);
  const score = graph.add('Sub', [graph.add('Neg', [anomaly]), scalar(graph, numberOf(model, 'offset_'))]);
  const isOutlier = graph.add('Less', [score, scalar(graph, 0)]);
  const label = graph.add('Where', [isOutlier, scalar(graph, -1), scalar(graph, 1)]);
  return { kind: 'outlier', label, score };
};

/** Mean depth of an unsuccessful search among n rows: Liu, Ting and Zhou, "Isolation Forest", 2008, equation 1. */
function averagePathLength(n: number): number {
  if (n <= 1) return 0;
  if (n === 2) return 1;
  return 2 * (Math.log(n - 1) + EULER_GAMMA) - (2 * (n - 1)) / n;
}
