import type { PythonObject, PythonValue } from '../../python/python-values.ts';
import { addAll, joinColumns, pick, row, scalar, sumRows, toDouble } from '../arithmetic.ts';
import { asItems, asNumber, flagOr, textOf } from '../attributes.ts';
import type { Columns, Converter } from '../conversion.ts';
import type { GraphBuilder, Tensor } from '../graph/index.ts';
import { classTitle, unfitted } from '../refusals.ts';
import { type ColumnCategories, categoriesOf } from './categories.ts';

/** OneHotEncoder, also with dropped and with rare categories. An unseen category gives zeros where Python would raise. */
export const convertOneHotEncoder: Converter = (model, input, scope) => {
  const { graph } = scope;
  const unknown = textOf(model, 'handle_unknown') ?? 'error';
  if (unknown === 'error') scope.warn(unseenWarning(model, 'zeros'));
  const dropped = asItems(model.get('_drop_idx_after_grouping') ?? model.get('drop_idx_'));
  const parts = categoriesOf(model, input).map((categories, column) => {
    const matches = matchesOf(graph, pick(graph, input.tensor, [column]), categories);
    const isInfrequentKnown = unknown === 'infrequent_if_exist' || unknown === 'warn';
    const grouped = groupRare(graph, matches, categories, isInfrequentKnown);
    return withoutDropped(graph, grouped, dropped?.[column], model);
  });
  // The name changed in 1.2.
  const isSparse = flagOr(model, model.get('sparse_output') === undefined ? 'sparse' : 'sparse_output', true);
  return { kind: 'columns', ...joinColumns(graph, parts), isSparse };
};

/** OrdinalEncoder. An unseen category gives NaN where Python would raise. */
export const convertOrdinalEncoder: Converter = (model, input, scope) => {
  const { graph } = scope;
  const isEncoded = textOf(model, 'handle_unknown') === 'use_encoded_value';
  if (!isEncoded) scope.warn(unseenWarning(model, 'a missing value'));
  const unknown = isEncoded ? (asNumber(model.get('unknown_value')) ?? Number.NaN) : Number.NaN;
  const missing = asNumber(model.get('encoded_missing_value')) ?? Number.NaN;
  const parts = categoriesOf(model, input).map((categories, column) => {
    const x = pick(graph, input.tensor, [column]);
    const matches = matchesOf(graph, x, categories);
    const places = categories.grouped ?? Float64Array.from(categories.values, (_, place) => place);
    const place = sumRows(graph, graph.add('Mul', [matches, row(graph, places)]));
    const isKnown = graph.add('Greater', [sumRows(graph, matches), scalar(graph, 0)]);
    const known = graph.add('Where', [isKnown, place, scalar(graph, unknown)]);
    if (!categories.hasMissing) return { tensor: known, width: 1 };
    const isMissing = graph.add('IsNaN', [x]);
    return { tensor: graph.add('Where', [isMissing, scalar(graph, missing), known]), width: 1 };
  });
  return { kind: 'columns', ...joinColumns(graph, parts), isSparse: false };
};

/** `[N, C]`: 1 where the value is the category. */
function matchesOf(graph: GraphBuilder, x: Tensor, categories: ColumnCategories): Tensor {
  const equal = toDouble(graph, graph.add('Equal', [x, row(graph, categories.values)]));
  if (!categories.hasMissing) return equal;
  const isMissing = toDouble(graph, graph.add('IsNaN', [x]));
  const missing = categories.values.map(value => (Number.isNaN(value) ? 1 : 0));
  return graph.add('Add', [equal, graph.add('Mul', [isMissing, row(graph, missing)])]);
}

/** Rare categories share the last column; unseen ones too, when the encoder says so. */
function groupRare(
  graph: GraphBuilder,
  matches: Tensor,
  categories: ColumnCategories,
  isUnknownRare: boolean,
): Columns {
  const places = categories.grouped;
  if (places === undefined) return { tensor: matches, width: categories.values.length };
  const last = places.reduce((most, place) => Math.max(most, place), 0);
  const rare: number[] = [];
  const kept: number[] = [];
  for (const [category, place] of places.entries()) {
    if (place === last) rare.push(category);
    else kept[place] = category;
  }
  if (kept.length !== last || [...kept.keys()].some(place => kept[place] === undefined)) {
    throw unfitted('The rare categories of an encoder leave a gap');
  }
  const rareColumns = [sumRows(graph, pick(graph, matches, rare))];
  if (isUnknownRare) rareColumns.push(graph.add('Sub', [scalar(graph, 1), sumRows(graph, matches)]));
  const rareColumn = { tensor: addAll(graph, rareColumns), width: 1 };
  if (kept.length === 0) return rareColumn;
  return joinColumns(graph, [{ tensor: pick(graph, matches, kept), width: kept.length }, rareColumn]);
}

function withoutDropped(
  graph: GraphBuilder,
  columns: Columns,
  dropped: PythonValue | undefined,
  model: PythonObject,
): Columns {
  if (dropped === undefined || dropped === null) return columns;
  const place = asNumber(dropped);
  if (place === undefined || !(Number.isInteger(place) && place >= 0 && place < columns.width)) {
    throw unfitted(`${classTitle(model.type)} drops a category that does not exist`);
  }
  const kept = Array.from({ length: columns.width }, (_, index) => index).filter(index => index !== place);
  return {
    tensor: kept.length === 0 ? columns.tensor : pick(graph, columns.tensor, kept),
    width: kept.length,
  };
}

function unseenWarning(model: PythonObject, gives: string): string {
  return `${classTitle(model.type)} was told to raise an error for a category that it never saw; here such a category gives ${gives}.`;
}
