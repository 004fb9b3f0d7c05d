import { GraphBuilder } from '../../server/models/convert/graph/index.ts';

/** One output of a row: the weighted sum of its values and a bias, as it is or through the logistic function. */
export interface LinearOutput {
  readonly name: string;
  readonly weights: readonly number[];
  readonly bias?: number;
  readonly isLogistic?: true;
}

/** An ONNX file in float64 whose outputs are sums of its inputs: what it should answer can be said without running it. */
export function linearModel(outputs: readonly LinearOutput[]): Uint8Array {
  const graph = new GraphBuilder();
  const columns = outputs[0]?.weights.length ?? 0;
  const input = graph.input('X', columns);
  for (const { name, weights, bias = 0, isLogistic } of outputs) {
    const sum = graph.add('MatMul', [input, graph.constant(Float64Array.from(weights), [columns, 1])]);
    const shifted = graph.add('Add', [sum, graph.constant(Float64Array.of(bias), [1, 1])]);
    graph.output(name, isLogistic ? graph.add('Sigmoid', [shifted]) : shifted, 'double', 1);
  }
  return graph.toBytes();
}
