import type { PythonObject } from '../../python/python-values.ts';
import { indexOfLargest, isAbove, matrixProduct, row, withComplement } from '../arithmetic.ts';
import { asMatrix, asNumbers, classesOf, itemsOf, missing, textOf } from '../attributes.ts';
import type { Columns, Converter, Scope } from '../conversion.ts';
import type { Tensor } from '../graph/index.ts';
import { classTitle, unfitted, unsupported } from '../refusals.ts';

const ACTIVATIONS: Readonly<Record<string, string | undefined>> = {
  identity: 'Identity',
  logistic: 'Sigmoid',
  tanh: 'Tanh',
  relu: 'Relu',
  exp: 'Exp',
};

/** MLPRegressor. */
export const convertMlpRegressor: Converter = (model, input, scope) => {
  const { tensor, width } = lastLayer(model, input, scope);
  const activation = textOf(model, 'out_activation_') ?? 'identity';
  return { kind: 'prediction', tensor: activate(model, activation, tensor, scope), width };
};

/** MLPClassifier: the logistic function for two classes, softmax for more. */
export const convertMlpClassifier: Converter = (model, input, scope) => {
  const { graph } = scope;
  const classes = classesOf(model);
  const { tensor, width } = lastLayer(model, input, scope);
  const activation = textOf(model, 'out_activation_');
  if (activation === 'logistic' && width === 1 && classes.length === 2) {
    const probability = graph.add('Sigmoid', [tensor]);
    const probabilities = withComplement(graph, probability);
    return { kind: 'classes', label: isAbove(graph, probability, 0.5), probabilities, classes };
  }
  if (activation !== 'softmax' || width !== classes.length) {
    throw unsupported(`${classTitle(model.type)} gives several labels at once, which cannot be imported`);
  }
  const probabilities = graph.add('Softmax', [tensor], { axis: { int: 1 } });
  return { kind: 'classes', label: indexOfLargest(graph, probabilities), probabilities, classes };
};

/** The network without the activation of its last layer. */
function lastLayer(
  model: PythonObject,
  input: Columns,
  scope: Scope,
): { readonly tensor: Tensor; readonly width: number } {
  const { graph } = scope;
  const weights = itemsOf(model, 'coefs_');
  const intercepts = itemsOf(model, 'intercepts_');
  if (weights.length === 0 || weights.length !== intercepts.length) throw missing(model, 'coefs_');
  const hidden = textOf(model, 'activation') ?? 'relu';
  let { tensor, width } = input;
  for (const [layer, weight] of weights.entries()) {
    const bias = asNumbers(intercepts[layer]);
    if (bias === undefined) throw missing(model, 'intercepts_');
    const { values, rows } = asMatrix(weight, bias.length, `Layer ${layer} of ${classTitle(model.type)}`);
    if (rows !== width)
      throw unfitted(`Layer ${layer} of ${classTitle(model.type)} takes ${rows} values, not ${width}`);
    const product = matrixProduct(graph, tensor, graph.constant(values, [rows, bias.length]));
    tensor = graph.add('Add', [product, row(graph, bias)]);
    width = bias.length;
    if (layer < weights.length - 1) tensor = activate(model, hidden, tensor, scope);
  }
  return { tensor, width };
}

function activate(model: PythonObject, name: string, tensor: Tensor, { graph }: Scope): Tensor {
  const operator = ACTIVATIONS[name];
  if (operator === undefined) {
    throw unsupported(`${classTitle(model.type)} has the activation "${name}", which cannot be imported`);
  }
  return graph.add(operator, [tensor]);
}
