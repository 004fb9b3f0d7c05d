import type { PythonObject, PythonValue } from '../../python/python-values.ts';
import { joinColumns, pickColumns, row, toDouble } from '../arithmetic.ts';
import { asItems, flagOr, missing, objectOf, textOf, vectorOf } from '../attributes.ts';
import type { Columns, Converter, TextCodes } from '../conversion.ts';
import type { GraphBuilder, Tensor } from '../graph/index.ts';
import { unfitted } from '../refusals.ts';
import { isMissingMarker, numberFor } from './categories.ts';

/** SimpleImputer: missing values are filled; columns that were all missing disappear unless they are kept. */
export const convertImputer: Converter = (model, input, scope) => {
  const { graph } = scope;
  const items = asItems(model.get('statistics_'));
  if (items === undefined || items.length !== input.width) throw missing(model, 'statistics_');
  const fills = Float64Array.from(items, (item, column) => numberFor(item, input.texts?.[column], model));
  const isDropping = textOf(model, 'strategy') !== 'constant' && !flagOr(model, 'keep_empty_features', false);
  const kept = [...fills.keys()].filter(column => !isDropping || !Number.isNaN(fills[column]));
  if (kept.length === 0) throw unfitted('SimpleImputer keeps no column');
  const picked = pickColumns(graph, input, kept);
  const isMissing = missingMask(graph, picked, model);
  const fill = row(
    graph,
    kept.map(column => fills[column] ?? Number.NaN),
  );
  const filled = { ...picked, tensor: graph.add('Where', [isMissing, fill, picked.tensor]) };
  if (!flagOr(model, 'add_indicator', false)) return { kind: 'columns', ...filled };
  const indicator = indicatorOf(objectOf(model, 'indicator_'), input, graph);
  return { kind: 'columns', ...joinColumns(graph, indicator ? [filled, indicator] : [filled]) };
};

/** MissingIndicator: 1 where a value is missing, for the columns chosen in training. */
export const convertMissingIndicator: Converter = (model, input, { graph }) => {
  const indicator = indicatorOf(model, input, graph);
  if (indicator === undefined) throw unfitted('MissingIndicator gives no column');
  return { kind: 'columns', ...indicator };
};

function indicatorOf(model: PythonObject, input: Columns, graph: GraphBuilder): Columns | undefined {
  const features = vectorOf(model, 'features_');
  if (features.length === 0) return undefined;
  const picked = pickColumns(graph, input, features);
  return { tensor: toDouble(graph, missingMask(graph, picked, model)), width: picked.width };
}

/** Boolean `[N, width]`. */
function missingMask(graph: GraphBuilder, columns: Columns, model: PythonObject): Tensor {
  const marker = model.get('missing_values');
  if (marker === undefined || isMissingMarker(marker)) return graph.add('IsNaN', [columns.tensor]);
  const values = Array.from({ length: columns.width }, (_, column) =>
    markerOf(marker, columns.texts?.[column], model),
  );
  return graph.add('Equal', [columns.tensor, row(graph, values)]);
}

function markerOf(marker: PythonValue, codes: TextCodes | undefined, model: PythonObject): number {
  return numberFor(marker, codes, model);
}
