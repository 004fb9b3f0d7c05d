import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { elementNumber, GraphBuilder } from './index.ts';

describe('GraphBuilder', () => {
  it('builds a model that onnxruntime loads and runs in float64', async () => {
    const graph = new GraphBuilder();
    const x = graph.input('X', 2);
    const product = graph.add('MatMul', [x, graph.constant(Float64Array.of(0.1, 1e-17), [2, 1])]);
    graph.output('prediction', product, 'double', 1);
    const session = await InferenceSession.create(graph.toBytes({ note: 'é' }));
    const input = new Tensor('float64', Float64Array.of(3, 5), [1, 2]);
    const answer = await session.run({ X: input });
    expect(answer.prediction?.data).toEqual(Float64Array.of(3 * 0.1 + 5 * 1e-17));
    expect(session.inputMetadata[0]).toMatchObject({ name: 'X', type: 'float64', shape: ['N', 2] });
  });

  it('writes every kind of attribute and constant', async () => {
    const graph = new GraphBuilder();
    const x = graph.input('X', 1);
    const leaf = graph.add(
      'TreeEnsemble',
      [x],
      {
        n_targets: { int: 1 },
        tree_roots: { ints: [0] },
        nodes_featureids: { ints: [0] },
        nodes_modes: { tensor: { values: Uint8Array.of(0), shape: [1] } },
        nodes_splits: { tensor: { values: Float64Array.of(0.5), shape: [1] } },
        nodes_truenodeids: { ints: [0] },
        nodes_falsenodeids: { ints: [1] },
        nodes_trueleafs: { ints: [1] },
        nodes_falseleafs: { ints: [1] },
        leaf_targetids: { ints: [0, 0] },
        leaf_weights: { tensor: { values: Float64Array.of(7, 300), shape: [2] } },
      },
      { domain: 'ai.onnx.ml' },
    );
    const whole = graph.add('Cast', [leaf], { to: { int: elementNumber('int64') } });
    const shifted = graph.add('Add', [whole, graph.constant(BigInt64Array.of(-1n), [1])]);
    const summed = graph.add('ReduceSum', [shifted, graph.constant(BigInt64Array.of(1n), [1])], {
      keepdims: { int: 1 },
    });
    const texts = graph.add(
      'LabelEncoder',
      [summed],
      {
        keys_int64s: { ints: [6, -1, 299] },
        values_strings: { texts: ['low', 'none', 'high'] },
        default_string: { text: 'other' },
      },
      { domain: 'ai.onnx.ml' },
    );
    graph.output('label', texts, 'string', 1);
    const session = await InferenceSession.create(graph.toBytes());
    const answer = await session.run({ X: new Tensor('float64', Float64Array.of(0.5, 0.6), [2, 1]) });
    expect([...(answer.label?.data ?? [])]).toEqual(['low', 'high']);
  });

  it('refuses a tensor that does not exist, a name twice, and a shape that does not fit', () => {
    const graph = new GraphBuilder();
    graph.input('X', 1);
    expect(() => graph.add('Neg', ['Y'])).toThrow('Neg reads "Y", which does not exist');
    expect(() => graph.input('X', 1)).toThrow('"X" exists twice');
    expect(() => graph.constant(Float64Array.of(1, 2), [3])).toThrow('shape [3] has 2 values');
    expect(() => graph.toBytes()).toThrow('no output');
  });
});
