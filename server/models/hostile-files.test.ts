import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, describe, expect, it } from 'vitest';
import { readOnnxFile } from './onnx-file.ts';
import { foreignFormatOf } from './sniff-format.ts';
import { InferenceChild } from './start-inference-child.ts';
import { inspectInChild } from './trial-load.ts';

const log = pino({ level: 'silent' });
const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-hostile-'));
const sample = join(root, 'resources/models/spot-price-gbt.onnx');
afterAll(() => rmSync(folder, { recursive: true }));

/** Collected files lie beside the repository and are not part of it; without them only those made here are tried. */
const collected = [
  join(root, '../shared/data/hostile/onnx'),
  join(root, '../shared/data/pkl-parity/hostile-onnx'),
]
  .filter(existsSync)
  .flatMap(found =>
    readdirSync(found)
      .filter(name => name.endsWith('.onnx'))
      .map(name => join(found, name)),
  );

// A protobuf writer for three field kinds, enough to build small ONNX files of any shape.
const varint = (value: number): Buffer =>
  value < 128
    ? Buffer.of(value)
    : Buffer.concat([Buffer.of((value % 128) | 128), varint(Math.floor(value / 128))]);
const number = (field: number, value: number) => Buffer.concat([varint(field * 8), varint(value)]);
const message = (field: number, ...parts: Buffer[]) => {
  const body = Buffer.concat(parts);
  return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]);
};
const text = (field: number, value: string) => message(field, Buffer.from(value));

function made(name: string, ...graph: Buffer[]): string {
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([number(1, 9), message(7, ...graph), message(8, number(2, 19))]));
  return path;
}
const node = (operator: string, ...more: Buffer[]) => message(1, text(4, operator), ...more);
function nested(depth: number): Buffer {
  return depth === 0 ? node('Relu') : node('If', message(5, message(6, nested(depth - 1))));
}

describe('the check of an ONNX file before it is loaded', () => {
  it('reads what a sound file says about itself', () => {
    const facts = readOnnxFile(sample);
    expect(facts.operators).toEqual(['Add', 'ai.onnx.ml.TreeEnsemble']);
    expect(facts.inputs).toEqual([{ name: 'X', elementType: 11, dims: [undefined, 22] }]);
    expect(facts.reasons).toEqual([]);
    expect(facts.metadata.cloudoptim_manifest).toContain('"trainedUntil": "2026-10-20T00:00:00Z"');
  });

  it.each([
    ['a loop', made('loop.onnx', node('Loop')), /Loop/],
    ['a loop inside a branch', made('if.onnx', node('If', message(5, message(6, node('Scan'))))), /Scan/],
    [
      'a foreign operator',
      made('foreign.onnx', node('Any', text(7, 'com.microsoft'))),
      /com\.microsoft\.Any/,
    ],
    [
      'data in other files',
      made('external.onnx', message(5, message(13, text(1, 'location')))),
      /outside of its file/,
    ],
    [
      'data in other files within an attribute',
      made('external-2.onnx', node('Constant', message(5, message(5, number(14, 1))))),
      /outside of its file/,
    ],
    ['an enormous tensor', made('huge.onnx', message(5, number(1, 2 ** 40), number(1, 2 ** 40))), /elements/],
  ])('refuses %s by name', (_, path, reason) => {
    expect(readOnnxFile(path).reasons.join(' ')).toMatch(reason);
  });

  it('calls deep nesting damage', () => {
    expect(readOnnxFile(made('nested.onnx', nested(8))).reasons).toEqual([]);
    expect(() => readOnnxFile(made('too-nested.onnx', nested(9)))).toThrow(/nested/);
  });

  it('calls every cut of a file damage, or sees that its graph is missing', () => {
    const bytes = readFileSync(sample);
    const path = join(folder, 'cut.onnx');
    for (let length = 0; length < 60_000; length += 997) {
      writeFileSync(path, bytes);
      truncateSync(path, length);
      expect(() => readOnnxFile(path), `cut at ${length}`).toThrow();
    }
  });
});

describe('hostile files', () => {
  const settings = { nodePath: process.execPath, loadDeadlineMs: 6_000, runDeadlineMs: 6_000 };

  it(`end in a verdict within the deadline: ${collected.length} collected files`, {
    timeout: 600_000,
  }, async () => {
    const outcomes = new Map<string, number>();
    const waiting = [...collected];
    const work = async (): Promise<void> => {
      const path = waiting.pop();
      if (path === undefined) return;
      const inspected = await inspectInChild(path, settings, log);
      let verdict = 'refused before loading';
      if (inspected.sound && inspected.facts.reasons.length === 0) {
        const child = new InferenceChild(settings, log);
        const loaded = await child.load(path);
        verdict = `load ${loaded.kind}`;
        if (loaded.kind === 'answer') {
          const ran = await child.run(new Float64Array(4), 4);
          verdict = `run ${ran.kind}`;
        }
        await child.close();
      }
      outcomes.set(verdict, (outcomes.get(verdict) ?? 0) + 1);
      await work();
    };
    await Promise.all([work(), work(), work()]);
    const total = [...outcomes.values()].reduce((sum, count) => sum + count, 0);
    expect(total).toBe(collected.length);
    if (process.env.CLOUDOPTIM_SHOW_FIGURES) console.log(Object.fromEntries(outcomes));
  });

  it('that are made here end in a verdict as well', async () => {
    const child = new InferenceChild(settings, log);
    const path = join(folder, 'noise.onnx');
    writeFileSync(
      path,
      Buffer.concat([readFileSync(sample).subarray(0, 30_000), Buffer.alloc(30_000, 0xff)]),
    );
    expect((await child.load(path)).kind).toBe('refused');
    const loaded = await child.load(sample);
    expect(loaded.kind).toBe('answer');
    await child.close();
  });
});

describe('what is no ONNX file', () => {
  it.each([
    ['80049505', 'a Python pickle'],
    ['1f8b0800', 'a gzip file'],
    ['789c0102', 'a compressed joblib file'],
    ['504b0304', 'a ZIP archive (PyTorch and Keras save such)'],
    ['7b226e616d65223a', 'a JSON text'],
    ['7d710028', 'a Python pickle'],
    ['425a6839', 'a bzip2 file'],
    ['', 'empty'],
    [Buffer.from('csklearn.tree\nDecisionTree\n').toString('hex'), 'a Python pickle'],
    [Buffer.from('name,cpu\n').toString('hex'), 'a text'],
  ])('%s… is %s', (hex, name) => {
    expect(foreignFormatOf(Buffer.from(hex, 'hex'))?.name).toBe(name);
  });

  it('is never said of a sound model', () => {
    expect(foreignFormatOf(readFileSync(sample).subarray(0, 512))).toBeUndefined();
  });
});
