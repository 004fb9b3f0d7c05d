import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ModelDraft, ModelOutput } from '../../common/contracts/index.ts';
import { type LinearOutput, linearModel } from '../../tests/support/linear-model.ts';
import { describeOnnxOutputs, describeOutputs, joinOutputs, quantileOfName } from './model-outputs.ts';
import { openTestRegistry, sampleManifest, type TestRegistry } from './registry.fixture.ts';

/** Collected files lie beside the repository and are not part of it. */
const bundle = join(
  import.meta.dirname,
  '../../../shared/data/pkl-parity/s12-bundle-quantiles.pkl5/model.pkl',
);

let registry: TestRegistry;
beforeEach(async () => {
  registry = await openTestRegistry();
});
afterEach(() => registry.close());

const three: readonly LinearOutput[] = [0.1, 0.5, 0.9].map(q => ({
  name: `p${q * 100}`,
  weights: [1, 0],
  bias: q - 0.5,
}));
const quantiles: ModelOutput[] = [0.1, 0.5, 0.9].map(quantile => ({ name: `p${quantile * 100}`, quantile }));

async function register(outputs: readonly LinearOutput[], change: object) {
  const path = join(registry.folder, 'made.onnx');
  writeFileSync(path, linearModel(outputs));
  const { golden: _, ...manifest } = sampleManifest('spot-price-ridge');
  const features = manifest.features.slice(0, 2);
  return registry.models.register(
    path,
    'made.onnx',
    JSON.stringify({ ...manifest, features, name: 'Made', ...change }),
  );
}

describe('a manifest that says what each output is', () => {
  it('is taken when names and golden rows are those of the file', async () => {
    const golden = [{ input: [2, 7], output: [1.6, 2, 2.4] }];
    const { manifest } = await register(three, { outputs: quantiles, golden });
    expect(manifest.outputs).toEqual(quantiles);
  });

  it('is taken without that, as before: the first output is the answer', async () => {
    const { manifest } = await register(three, { golden: [{ input: [2, 7], output: [1.6] }] });
    expect(manifest).not.toHaveProperty('outputs');
  });

  it.each<[string, object]>([
    [
      'outputs are p10, p90, p50, but the file gives p10, p50, p90',
      { outputs: [0, 2, 1].map(at => quantiles[at]) },
    ],
    ['outputs are p10, p50, but the file gives p10, p50, p90', { outputs: quantiles.slice(0, 2) }],
    ['the quantile 0.1 twice', { outputs: quantiles.with(1, { name: 'p50', quantile: 0.1 }) }],
    ['outputs name "p10" twice', { outputs: quantiles.with(1, { name: 'p10', quantile: 0.5 }) }],
    [
      'neither the price itself nor its quantile 0.5',
      { outputs: quantiles.with(1, { name: 'p50', unused: true }) },
    ],
    ['outputs name 2 answers', { outputs: [...quantiles.slice(0, 1), { name: 'p50' }, { name: 'p90' }] }],
    ['outputs.0.quantile', { outputs: quantiles.with(0, { name: 'p10', quantile: 10 }) }],
    [
      'golden[0].output has 1 values, but there are 3 outputs',
      { outputs: quantiles, golden: [{ input: [1, 2], output: [1] }] },
    ],
    [
      'golden row 1 gives 2.4 here, but its makers got 9',
      { outputs: quantiles, golden: [{ input: [2, 7], output: [1.6, 2, 9] }] },
    ],
    ['a probability has none', { outputs: quantiles, task: 'interruption' }],
    ['target is probability', { target: 'probability' }],
  ])('is refused: %s', async (words, change) => {
    await expect(register(three, change)).rejects.toMatchObject({ message: expect.stringContaining(words) });
    expect(registry.kept().running).toEqual([]);
  });

  it('is needed where a probability is one of several outputs', async () => {
    const task = { task: 'interruption', target: 'probability' };
    await expect(register(three, task)).rejects.toMatchObject({
      message: expect.stringContaining('which one is the probability'),
    });
    const outputs = quantiles.map(({ name }, index) => (index === 1 ? { name } : { name, unused: true }));
    expect((await register(three, { ...task, outputs })).manifest.outputs).toEqual(outputs);
  });
});

describe('outputs of a file of Python', () => {
  const value = (name: string) => ({ name, kind: 'prediction' as const, columns: 1 });

  it('are quantiles where all but one are called so', () => {
    expect(describeOutputs(['p10', 'median', 'p90'].map(value))).toEqual([
      { name: 'p10', quantile: 0.1 },
      { name: 'median', quantile: 0.5 },
      { name: 'p90', quantile: 0.9 },
    ]);
    expect(describeOutputs(['mean', 'q0.05', 'q0.95'].map(value))[0]).toEqual({ name: 'mean' });
    expect(describeOutputs(['mean', 'cheapest', 'q0.95'].map(value))).toEqual([]);
    expect(describeOutputs([value('prediction')])).toEqual([]);
  });

  it('are the probability of the second of two classes', () => {
    const label = { name: 'label', kind: 'label' as const, columns: 1 };
    const probabilities = { name: 'probabilities', kind: 'probabilities' as const, columns: 2 };
    expect(describeOutputs([label, probabilities])).toEqual([
      { name: 'label', unused: true },
      { name: 'probabilities_0', unused: true },
      { name: 'probabilities_1' },
    ]);
    expect(describeOutputs([label, { ...probabilities, columns: 3 }])).toEqual([]);
  });

  it('are told by an ONNX file through its names, types and shapes', () => {
    const double = (name: string, columns: number) => ({ name, dims: [undefined, columns], elementType: 11 });
    expect(describeOnnxOutputs([double('q10', 1), double('q90', 1)])).toEqual([
      { name: 'q10', quantile: 0.1 },
      { name: 'q90', quantile: 0.9 },
    ]);
    const label = { name: 'output_label', dims: [undefined], elementType: 7 };
    expect(describeOnnxOutputs([label, double('output_probability', 2)])).toEqual([
      { name: 'output_label', unused: true },
      { name: 'output_probability_0', unused: true },
      { name: 'output_probability_1' },
    ]);
    expect(describeOnnxOutputs([double('log_return', 1)])).toEqual([]);
    expect(
      describeOnnxOutputs([{ name: 'p10', dims: [undefined, undefined], elementType: 11 }, double('p90', 1)]),
    ).toEqual([]);
  });

  it.skipIf(!existsSync(bundle))('are suggested for a bundle of three models in one pickle', async () => {
    const refused = await registry.models.register(bundle, 'bundle.pkl').then(
      () => undefined,
      (error: { details?: { draft?: ModelDraft } }) => error.details?.draft,
    );
    expect(refused?.suggestion.outputs).toEqual(quantiles);
  });

  it.each([
    ['p5', 0.05],
    ['P05', 0.05],
    ['q0.1', 0.1],
    ['quantile_10', 0.1],
    ['p97_5', 0.975],
    ['0.9', 0.9],
    ['.25', 0.25],
    ['median', 0.5],
    ['p0', undefined],
    ['p100', undefined],
    ['m5', undefined],
    ['prediction', undefined],
  ])('called %s are the quantile %s', (name, quantile) => {
    expect(quantileOfName(name)).toBe(quantile);
  });

  it('stand side by side for each row', () => {
    const table = joinOutputs([Float64Array.of(1, 2), Float64Array.of(3, 4, 5, 6)], 2);
    expect([...table]).toEqual([1, 3, 4, 2, 5, 6]);
  });
});
