import { PythonDict, type PythonObject, type PythonValue } from '../../python/python-values.ts';
import { columnsOf, joinColumns, pickColumns, scalar } from '../arithmetic.ts';
import { asItems, asNumber, asNumbers, dictOf, flagOr, itemsOf, missing, objectOf } from '../attributes.ts';
import type { Columns, Converter, Scope } from '../conversion.ts';
import { unfitted } from '../refusals.ts';

/** Pipeline: each step reads what the one before gave; the last gives the answer. */
export const convertPipeline: Converter = (model, input, scope) => {
  const steps = itemsOf(model, 'steps').map(step => namedPart(step, model).part);
  let columns: Columns = input;
  for (const [index, step] of steps.entries()) {
    if (isPassthrough(step)) continue;
    const result = scope.convert(step, columns);
    if (index === steps.length - 1) return result;
    if (result.kind !== 'columns') throw unfitted(`Step ${index} of a Pipeline is no transformer`);
    columns = result;
  }
  return { kind: 'columns', ...columns };
};

/** GridSearchCV and its relatives: the best model found. */
export const convertSearch: Converter = (model, input, scope) =>
  scope.convert(objectOf(model, 'best_estimator_'), input);

/** FeatureUnion: the columns of all its parts, perhaps weighted. */
export const convertFeatureUnion: Converter = (model, input, scope) => {
  const parts = itemsOf(model, 'transformer_list').flatMap(item => {
    const { name, part } = namedPart(item, model);
    if (part === 'drop') return [];
    if (isPassthrough(part)) for (const codes of input.texts ?? []) codes.markRead();
    const columns = isPassthrough(part) ? input : columnsOf(scope.convert(part, input));
    return [weighted(columns, name, model, scope)];
  });
  const isSparse = parts.some(part => part.isSparse);
  return { kind: 'columns', ...joinColumns(scope.graph, parts), isSparse };
};

/** ColumnTransformer: parts that read some columns each; what is left over is dropped or passed through. */
export const convertColumnTransformer: Converter = (model, input, scope) => {
  const columnsByName = dictOf(model, '_transformer_to_input_indices');
  const parts = itemsOf(model, 'transformers_').flatMap(item => {
    const { name, part } = namedPart(item, model);
    const wanted = asNumbers(columnsByName.get(name));
    if (part === 'drop' || wanted?.length === 0) return [];
    if (wanted === undefined) throw unfitted(`ColumnTransformer does not say which columns "${name}" reads`);
    const picked = pickColumns(scope.graph, input, wanted);
    if (isPassthrough(part)) for (const codes of picked.texts ?? []) codes.markRead();
    const columns = isPassthrough(part) ? picked : columnsOf(scope.convert(part, picked));
    return [weighted(columns, name, model, scope)];
  });
  const isSparse = flagOr(model, 'sparse_output_', false);
  return { kind: 'columns', ...joinColumns(scope.graph, parts), isSparse };
};

function weighted(columns: Columns, name: string, model: PythonObject, { graph }: Scope): Columns {
  const weights = model.get('transformer_weights');
  const weight = weights instanceof PythonDict ? asNumber(weights.get(name)) : undefined;
  if (weight === undefined) return columns;
  const { width, isSparse = false } = columns;
  return { tensor: graph.add('Mul', [columns.tensor, scalar(graph, weight)]), width, isSparse };
}

/** `(name, part, …)` of a list of steps. */
function namedPart(
  item: PythonValue,
  owner: PythonObject,
): { readonly name: string; readonly part: PythonValue } {
  const [name, part] = asItems(item) ?? [];
  if (typeof name !== 'string' || part === undefined) throw missing(owner, 'steps');
  return { name, part };
}

function isPassthrough(part: PythonValue): boolean {
  return part === 'passthrough' || part === null;
}
