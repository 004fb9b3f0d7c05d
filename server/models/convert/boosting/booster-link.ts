import { elementNumber, type GraphBuilder, type Tensor } from '../graph/index.ts';
import type { BoosterModel, BoosterOutputs } from './booster-model.ts';

/** XGBoost's `common::Sigmoid` cuts there, lest the exponential overflow. */
const LARGEST_EXPONENT = 88.7;

/**
 * What follows the sum of the leaves: the link, and for classes their probabilities and the most likely one.
 * XGBoost computes in float32; here its exponentials are taken in float64 and then rounded, which is within a rounding of
 * `expf` where onnxruntime's own float32 exponential is not.
 * @param sum in the model's precision, N × outputs
 */
export function boosterLink(graph: GraphBuilder, sum: Tensor, model: BoosterModel): BoosterOutputs {
  const double = (tensor: Tensor) => graph.add('Cast', [tensor], { to: { int: elementNumber('double') } });
  const link = new Link(graph, model.precision === 'float32');
  const linked = link.apply(sum, model);
  if (model.task === 'regression') return { prediction: link.widen(linked) };
  if (model.task === 'binary') {
    const other = graph.add('Sub', [link.number(1), linked]);
    const likely = graph.add('Greater', [linked, link.number(0.5)]);
    return {
      label: double(likely),
      probabilities: link.widen(graph.add('Concat', [other, linked], { axis: { int: 1 } })),
    };
  }
  const probabilities = link.widen(linked);
  return {
    label: double(graph.add('ArgMax', [probabilities], { axis: { int: 1 }, keepdims: { int: 1 } })),
    probabilities,
  };
}

class Link {
  readonly #graph: GraphBuilder;
  readonly #short: boolean;

  constructor(graph: GraphBuilder, short: boolean) {
    this.#graph = graph;
    this.#short = short;
  }

  apply(sum: Tensor, { link }: BoosterModel): Tensor {
    switch (link.kind) {
      case 'identity':
        return sum;
      case 'exp':
        return this.#exp(sum);
      case 'sigmoid':
        return this.#sigmoid(sum, link.scale);
      case 'softmax':
        return this.#softmax(sum);
      case 'signed-square':
        return this.#graph.add('Mul', [sum, this.#graph.add('Abs', [sum])]);
      case 'softplus':
        return this.#graph.add('Log', [this.#graph.add('Add', [this.#exp(sum), this.number(1)])]);
      case 'step':
        return this.#narrow(
          this.#graph.add('Cast', [this.#graph.add('Greater', [sum, this.number(0)])], {
            to: { int: elementNumber('double') },
          }),
        );
    }
  }

  number(value: number): Tensor {
    return this.#graph.constant(this.#short ? Float32Array.of(value) : Float64Array.of(value), [1]);
  }

  widen(tensor: Tensor): Tensor {
    return this.#short ? this.#graph.add('Cast', [tensor], { to: { int: elementNumber('double') } }) : tensor;
  }

  #narrow(tensor: Tensor): Tensor {
    return this.#short ? this.#graph.add('Cast', [tensor], { to: { int: elementNumber('float') } }) : tensor;
  }

  #exp(tensor: Tensor): Tensor {
    return this.#narrow(this.#graph.add('Exp', [this.widen(tensor)]));
  }

  #sigmoid(sum: Tensor, scale: number): Tensor {
    const negative = this.#graph.add('Mul', [sum, this.number(-scale)]);
    const bounded = this.#short
      ? this.#graph.add('Min', [negative, this.number(LARGEST_EXPONENT)])
      : negative;
    const odds = this.#graph.add('Add', [this.#exp(bounded), this.number(1)]);
    return this.#graph.add('Div', [this.number(1), odds]);
  }

  /** XGBoost sums the exponentials in float64 and divides in float32. */
  #softmax(sum: Tensor): Tensor {
    const graph = this.#graph;
    const axis = graph.constant(BigInt64Array.of(1n), [1]);
    const largest = graph.add('ReduceMax', [sum, axis], { keepdims: { int: 1 } });
    const powers = this.#exp(graph.add('Sub', [sum, largest]));
    const total = graph.add('ReduceSum', [this.widen(powers), axis], { keepdims: { int: 1 } });
    return graph.add('Div', [powers, this.#narrow(total)]);
  }
}
