import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, describe, expect, it } from 'vitest';
import { ProtoWriter } from './convert/graph/proto-writer.ts';
import { readOnnxFile } from './onnx-file.ts';
import { InferenceChild } from './start-inference-child.ts';

const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-functions-'));
afterAll(() => rmSync(folder, { recursive: true }));

const OWN = 'own';
const message = () => new ProtoWriter();

/** A node from inputs to one output; the operator is of ONNX unless `domain` says else. */
function node(operator: string, inputs: readonly string[], output: string, domain = ''): ProtoWriter {
  const made = message();
  for (const input of inputs) made.text(1, input);
  return made.text(2, output).text(4, operator).text(7, domain);
}

/** A function from `x` to `y`. */
function functionOf(name: string, nodes: readonly ProtoWriter[], domain = OWN): ProtoWriter {
  const made = message().text(1, name).text(4, 'x').text(5, 'y');
  for (const each of nodes) made.message(7, each);
  return made
    .message(9, message().text(1, '').int(2, 18))
    .message(9, message().text(1, OWN).int(2, 1))
    .text(10, domain);
}

/** `Y` of `X`, both double `[N, 1]`, by these nodes and functions. */
function model(name: string, nodes: readonly ProtoWriter[], functions: readonly ProtoWriter[]): string {
  const shape = message().message(1, message()).message(1, message().int(1, 1));
  const value = (called: string) =>
    message()
      .text(1, called)
      .message(2, message().message(1, message().int(1, 11).message(2, shape)));
  const graph = message();
  for (const each of nodes) graph.message(1, each);
  graph.text(2, 'g').message(11, value('X')).message(12, value('Y'));
  const made = message().int(1, 9).message(7, graph);
  made.message(8, message().text(1, '').int(2, 18)).message(8, message().text(1, OWN).int(2, 1));
  for (const each of functions) made.message(25, each);
  const path = join(folder, name);
  writeFileSync(path, made.toBytes());
  return path;
}

const twice = functionOf('Twice', [node('Add', ['x', 'x'], 'y')]);
const reasonsOf = (path: string) => readOnnxFile(path).reasons.join(' ');

describe('functions that a model defines', () => {
  it('are let in where they end, and run', async () => {
    const fourTimes = functionOf('FourTimes', [
      node('Twice', ['x'], 'm', OWN),
      node('Twice', ['m'], 'y', OWN),
    ]);
    const path = model('sound.onnx', [node('FourTimes', ['X'], 'Y', OWN)], [fourTimes, twice]);
    expect(readOnnxFile(path)).toMatchObject({
      reasons: [],
      operators: ['Add', 'own.FourTimes', 'own.Twice'],
    });
    const settings = { nodePath: process.execPath, loadDeadlineMs: 10_000, runDeadlineMs: 10_000 };
    const child = new InferenceChild(settings, pino({ level: 'silent' }));
    try {
      expect(await child.load(path)).toMatchObject({ kind: 'answer' });
      const ran = await child.run(Float64Array.of(1, 2.5), 1);
      expect(ran).toMatchObject({ kind: 'answer', value: [Float64Array.of(4, 10)] });
    } finally {
      await child.close();
    }
  });

  it.each([
    ['one that calls itself', [functionOf('F', [node('F', ['x'], 'y', OWN)])]],
    [
      'two that call each other',
      [functionOf('F', [node('G', ['x'], 'y', OWN)]), functionOf('G', [node('F', ['x'], 'y', OWN)])],
    ],
    [
      'one that calls itself from a branch',
      [
        functionOf('F', [
          node('If', ['x'], 'y').message(
            5,
            message().message(6, message().message(1, node('F', ['x'], 'z', OWN))),
          ),
        ]),
      ],
    ],
  ])('are refused: %s, called or not', (_, functions) => {
    expect(reasonsOf(model('endless.onnx', [node('F', ['X'], 'Y', OWN)], functions))).toMatch(/calls itself/);
    expect(reasonsOf(model('unused.onnx', [node('Neg', ['X'], 'Y')], functions))).toMatch(/calls itself/);
  });

  it('are refused where calls of calls make a small file into an endless graph', () => {
    const doubling = Array.from({ length: 20 }, (_, index) => {
      const inner = index === 0 ? node('Neg', ['x'], 'm') : node(`F${index - 1}`, ['x'], 'm', OWN);
      const again = index === 0 ? node('Neg', ['m'], 'y') : node(`F${index - 1}`, ['m'], 'y', OWN);
      return functionOf(`F${index}`, [inner, again]);
    });
    const started = process.hrtime.bigint();
    expect(reasonsOf(model('doubling.onnx', [node('F19', ['X'], 'Y', OWN)], doubling))).toMatch(
      /more than 50000 nodes/,
    );
    // It is counted, not written out.
    expect(Number(process.hrtime.bigint() - started) / 1e9).toBeLessThan(5);
    expect(reasonsOf(model('ten.onnx', [node('F9', ['X'], 'Y', OWN)], doubling.slice(0, 10)))).toBe('');
  });

  it('are refused where they stand for an operator of ONNX, hide a loop, or are not there', () => {
    const relu = functionOf('Relu', [node('Neg', ['x'], 'y')], '');
    expect(reasonsOf(model('relu.onnx', [node('Relu', ['X'], 'Y')], [relu]))).toMatch(/Relu of ONNX anew/);
    const loop = functionOf('F', [node('Loop', ['x'], 'y')]);
    expect(reasonsOf(model('loop.onnx', [node('F', ['X'], 'Y', OWN)], [loop]))).toMatch(/Loop/);
    expect(reasonsOf(model('missing.onnx', [node('Thrice', ['X'], 'Y', OWN)], [twice]))).toMatch(
      /own\.Thrice/,
    );
    expect(() =>
      readOnnxFile(model('double.onnx', [node('Twice', ['X'], 'Y', OWN)], [twice, twice])),
    ).toThrow(/twice/);
  });
});
