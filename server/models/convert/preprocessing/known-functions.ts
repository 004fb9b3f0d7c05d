import { PythonClass, PythonDict, PythonObject, type PythonValue } from '../../python/python-values.ts';
import { scalar } from '../arithmetic.ts';
import type { Columns, Converter, Scope } from '../conversion.ts';
import type { GraphBuilder, Tensor } from '../graph/index.ts';
import { classTitle, unsupported } from '../refusals.ts';
import { invertScaler } from './scalers.ts';

type Apply = (graph: GraphBuilder, x: Tensor) => Tensor;

/** Functions of numpy that can be written as ONNX operators. */
const functions: ReadonlyMap<string, Apply> = new Map<string, Apply>([
  ['log', (graph, x) => graph.add('Log', [x])],
  ['log1p', logOfOnePlus],
  ['log2', (graph, x) => graph.add('Div', [graph.add('Log', [x]), scalar(graph, Math.LN2)])],
  ['log10', (graph, x) => graph.add('Div', [graph.add('Log', [x]), scalar(graph, Math.LN10)])],
  ['exp', (graph, x) => graph.add('Exp', [x])],
  ['expm1', expMinusOne],
  ['exp2', (graph, x) => graph.add('Pow', [scalar(graph, 2), x])],
  ['sqrt', (graph, x) => graph.add('Sqrt', [x])],
  ['square', (graph, x) => graph.add('Mul', [x, x])],
  [
    'cbrt',
    (graph, x) => {
      const root = graph.add('Pow', [graph.add('Abs', [x]), scalar(graph, 1 / 3)]);
      return graph.add('Mul', [graph.add('Sign', [x]), root]);
    },
  ],
  ['negative', (graph, x) => graph.add('Neg', [x])],
  ['positive', (_, x) => x],
  ['reciprocal', (graph, x) => graph.add('Div', [scalar(graph, 1), x])],
  ['absolute', (graph, x) => graph.add('Abs', [x])],
  ['fabs', (graph, x) => graph.add('Abs', [x])],
  ['tanh', (graph, x) => graph.add('Tanh', [x])],
]);

/** FunctionTransformer without a function, or with one of numpy's. */
export const convertFunctionTransformer: Converter = (model, input, scope) => {
  const func = model.get('func');
  if (func === undefined || func === null || isCheck(func)) return { kind: 'columns', ...input };
  const tensor = applyFunction(model, 'func', 'kw_args', input, scope);
  return { kind: 'columns', tensor, width: input.width };
};

/** What `inverse_transform` of a fitted transformer of targets does: a scaler or a FunctionTransformer. */
export function invertTransformer(model: PythonValue | undefined, input: Columns, scope: Scope): Tensor {
  if (model === null || model === undefined) return input.tensor;
  if (!(model instanceof PythonObject))
    throw unsupported('The transformer of the targets is no known object');
  if (model.type.name !== 'FunctionTransformer') return invertScaler(model, input, scope);
  const inverse = model.get('inverse_func');
  if (inverse === null || inverse === undefined) return input.tensor;
  return applyFunction(model, 'inverse_func', 'inv_kw_args', input, scope);
}

function applyFunction(
  model: PythonObject,
  name: string,
  argumentsName: string,
  input: Columns,
  { graph }: Scope,
): Tensor {
  const func = model.get(name);
  const title = `${name} of ${classTitle(model.type)}`;
  if (hasItems(model.get(argumentsName)))
    throw unsupported(`${title} has arguments, which cannot be imported`);
  if (!(func instanceof PythonClass)) throw unsupported(`${title} is no function of numpy`);
  const apply = /^numpy(\.|$)/.test(func.module) ? functions.get(func.name) : undefined;
  if (apply === undefined) {
    const known = [...functions.keys()].join(', ');
    throw unsupported(`${title} is ${func.module}.${func.name}; of numpy ${known} can be imported`);
  }
  return apply(graph, input.tensor);
}

/** `partial(check_array, …)`: what HistGradientBoosting puts before its numbers; it changes nothing. */
function isCheck(func: PythonValue): boolean {
  if (!(func instanceof PythonObject) || func.type.module !== 'functools' || func.type.name !== 'partial')
    return false;
  const [inner] = func.args;
  return inner instanceof PythonClass && /^sklearn\b/.test(inner.module) && inner.name === 'check_array';
}

function hasItems(value: PythonValue | undefined): boolean {
  return value instanceof PythonDict && value.entries.length > 0;
}

/** Exact also near zero: W. Kahan's correction of the rounding of 1 + x. */
function logOfOnePlus(graph: GraphBuilder, x: Tensor): Tensor {
  const one = scalar(graph, 1);
  const u = graph.add('Add', [one, x]);
  const rest = graph.add('Sub', [u, one]);
  const isTiny = graph.add('Equal', [rest, scalar(graph, 0)]);
  const divisor = graph.add('Where', [isTiny, one, rest]);
  const corrected = graph.add('Mul', [graph.add('Log', [u]), graph.add('Div', [x, divisor])]);
  return graph.add('Where', [isTiny, x, corrected]);
}

/** Exact also near zero: W. Kahan's `(e^x - 1) · x / log(e^x)`. */
function expMinusOne(graph: GraphBuilder, x: Tensor): Tensor {
  const one = scalar(graph, 1);
  const u = graph.add('Exp', [x]);
  const difference = graph.add('Sub', [u, one]);
  const isLarge = graph.add('Greater', [graph.add('Abs', [x]), scalar(graph, 1)]);
  const isTiny = graph.add('Equal', [difference, scalar(graph, 0)]);
  const isPlain = graph.add('Or', [isLarge, isTiny]);
  const log = graph.add('Log', [graph.add('Where', [isPlain, scalar(graph, Math.E), u])]);
  const corrected = graph.add('Mul', [difference, graph.add('Div', [x, log])]);
  return graph.add('Where', [isTiny, x, graph.add('Where', [isLarge, difference, corrected])]);
}
