import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, describe, expect, it } from 'vitest';
import { GraphBuilder } from './convert/graph/index.ts';
import { ProtoWriter } from './convert/graph/proto-writer.ts';
import { normaliseOnnx } from './normalise-onnx.ts';
import { ProtoReader } from './proto-reader.ts';
import { runOnnxTable } from './run-onnx-table.ts';
import { zipMapEdits } from './zip-map-edits.ts';

const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-zip-map-'));
afterAll(() => rmSync(folder, { recursive: true }));
/** A real classifier of skl2onnx; not part of the repository. */
const real = join(import.meta.dirname, '../../../shared/data/onnx/yalue/sklearn_randomforest.onnx');

/** `Y = X` in float32, then a ZipMap of it, as skl2onnx ends its classifiers. */
function zipped(name: string, labels: readonly string[] | readonly number[]): string {
  const attribute = new ProtoWriter();
  if (typeof labels[0] === 'number') {
    attribute
      .text(1, 'classlabels_int64s')
      .ints(8, labels as number[])
      .int(20, 7);
  } else {
    attribute.text(1, 'classlabels_strings');
    for (const label of labels) attribute.text(9, String(label));
    attribute.int(20, 8);
  }
  const node = new ProtoWriter().text(1, 'shares').text(2, 'output_probability').text(4, 'ZipMap');
  node.message(5, attribute).text(7, 'ai.onnx.ml');
  const weights = new ProtoWriter().ints(1, [2]).int(2, 1).text(8, 'w').bytes(9, new Uint8Array(8).fill(64));
  const add = new ProtoWriter().text(1, 'X').text(1, 'w').text(2, 'shares').text(4, 'Add');
  const shape = new ProtoWriter().message(1, new ProtoWriter()).message(1, new ProtoWriter().int(1, 2));
  const tensor = new ProtoWriter().int(1, 1).message(2, shape);
  const input = new ProtoWriter().text(1, 'X').message(2, new ProtoWriter().message(1, tensor));
  // TypeProto { sequence_type { elem_type { map_type { key_type, value_type { tensor float } } } } }
  const float = new ProtoWriter().message(1, new ProtoWriter().int(1, 1));
  const map = new ProtoWriter().int(1, typeof labels[0] === 'number' ? 7 : 8).message(2, float);
  const list = new ProtoWriter().message(4, new ProtoWriter().message(1, new ProtoWriter().message(5, map)));
  const output = new ProtoWriter().text(1, 'output_probability').message(2, list);
  const graph = new ProtoWriter().message(1, add).message(1, node).text(2, 'g').message(5, weights);
  graph.message(11, input).message(12, output);
  const model = new ProtoWriter().int(1, 8).message(7, graph);
  model.message(8, new ProtoWriter().text(1, '').int(2, 15));
  model.message(8, new ProtoWriter().text(1, 'ai.onnx.ml').int(2, 1));
  const path = join(folder, name);
  writeFileSync(path, model.toBytes());
  return path;
}

const editsOf = (path: string) =>
  zipMapEdits(new ProtoReader(openSync(path, 'r'), readFileSync(path).length));

describe('a ZipMap', () => {
  it.each([
    ['texts', ['low', 'high']],
    ['numbers', [3, 7]],
  ] as const)('of %s gives the tensor that it reads', async (name, labels) => {
    const path = zipped(`${name}.onnx`, labels);
    const before = await InferenceSession.create(path, { logSeverityLevel: 4 });
    const feeds = { X: new Tensor('float32', Float32Array.of(1, 2, 3, 4), [2, 2]) };
    await expect(before.run(feeds)).rejects.toThrow(/tensor/);
    const output = join(folder, `${name}-out.onnx`);
    expect(normaliseOnnx(path, output).outputs).toEqual([
      { name: 'output_probability', kind: 'value', columns: 2 },
    ]);
    const after = await InferenceSession.create(output);
    expect(after.outputMetadata).toMatchObject([{ isTensor: true, type: 'float32', shape: ['N', 2] }]);
    const answer = await after.run(feeds);
    const added = new Float32Array(new Uint8Array(8).fill(64).buffer);
    const sums = [1, 2, 3, 4].map((value, index) => Math.fround(value + (added[index % 2] ?? 0)));
    expect(answer.output_probability?.data).toEqual(Float32Array.from(sums));
  });

  it('is all that changes: what lies around it stays byte for byte', () => {
    const path = zipped('around.onnx', ['a', 'b']);
    const output = join(folder, 'around-out.onnx');
    normaliseOnnx(path, output);
    let [before, after] = [readFileSync(path), readFileSync(output)];
    for (const { from, to, bytes } of editsOf(path).reverse()) {
      const shift = after.length - before.length;
      expect(after.subarray(to + shift)).toEqual(before.subarray(to));
      expect(after.subarray(to + shift - bytes.length, to + shift)).toEqual(Buffer.from(bytes));
      before = before.subarray(0, from);
      after = after.subarray(0, to + shift - bytes.length);
    }
    expect(after).toEqual(before);
  });

  it('is missed by nobody: a file without one is copied as it is', () => {
    const graph = new GraphBuilder();
    const x = graph.input('X', 2);
    graph.output('Y', graph.add('Neg', [x]), 'double', 2);
    const path = join(folder, 'plain.onnx');
    writeFileSync(path, graph.toBytes());
    expect(editsOf(path)).toEqual([]);
    normaliseOnnx(path, join(folder, 'plain-out.onnx'));
    expect(readFileSync(join(folder, 'plain-out.onnx'))).toEqual(readFileSync(path));
  });

  it.skipIf(!existsSync(real))(
    'of a real classifier of skl2onnx gives probabilities of its classes',
    async () => {
      const output = join(folder, 'real.onnx');
      normaliseOnnx(real, output);
      const rows = [
        ['5.1', '3.5', '1.4', '0.2'],
        ['6.3', '3.3', '6.0', '2.5'],
      ];
      const table = { columns: ['a', 'b', 'c', 'd'], rows };
      const [label, shares] = await runOnnxTable(output, table, undefined);
      // Iris: the first flower of the first kind and the first of the last.
      expect([...(label?.values ?? [])]).toEqual([0, 2]);
      expect(shares?.width).toBe(3);
      const values = Array.from(shares?.values as Float64Array);
      expect(values[0]).toBeGreaterThan(0.8);
      expect(values[5]).toBeGreaterThan(0.8);
      expect(values.slice(0, 3).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    },
  );
});
