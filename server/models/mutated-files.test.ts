import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import pino from 'pino';
import { afterAll, describe, expect, it } from 'vitest';
import { AppError } from '../../common/errors.ts';
import { seededRandom } from '../../common/seeded-random.ts';
import { lightgbmText, type SpokenTree, xgboostJson } from './convert/boosting/random-boosters.ts';
import { convertFile } from './convert/index.ts';
import { readOnnx, readOnnxFile } from './onnx-file.ts';
import { DamagedFile, ProtoReader } from './proto-reader.ts';
import { InferenceChild } from './start-inference-child.ts';
import { zipMapEdits } from './zip-map-edits.ts';

/** Far above what any of the small files here takes, also on a busy machine; a hang is endless. */
const DEADLINE_MS = 5_000;
const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-mutated-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Integers in [0, below) that are the same for the same seed. */
function dice(seed: number): (below: number) => number {
  const random = seededRandom(seed);
  return below => Math.floor(random() * below);
}

/** Bytes turned, lengths blown up, stretches cut out, doubled, or taken from another file. */
function mutated(bytes: Uint8Array, other: Uint8Array, roll: (below: number) => number): Buffer {
  let out = Buffer.from(bytes);
  for (let change = 0; change <= roll(4); change++) {
    const at = roll(Math.max(1, out.length));
    const length = 1 + roll(64);
    const stretch = [out.subarray(at, at + length), Buffer.from(other.subarray(at, at + length))];
    const kind = roll(7);
    if (kind === 0) out[at] = roll(256);
    else if (kind === 1) out[at] = (out[at] ?? 0) ^ (1 << roll(8));
    else if (kind === 2) out.subarray(at, at + 1 + roll(8)).fill(0xff);
    else if (kind === 3) out = Buffer.concat([out.subarray(0, at), out.subarray(at + length)]);
    else if (kind === 4) out = Buffer.concat([out.subarray(0, at), stretch[0] ?? out, out.subarray(at)]);
    else if (kind === 5) out = Buffer.concat([out.subarray(0, at), stretch[1] ?? out, out.subarray(at)]);
    else out = Buffer.from(out.subarray(0, at));
  }
  return out;
}

/** What is neither a value nor a refusal in a sentence, or took too long, with the case that did it. */
function misbehaved(work: () => unknown): string | undefined {
  const startedMs = performance.now();
  try {
    work();
  } catch (error) {
    if (!(error instanceof AppError || error instanceof DamagedFile)) return String((error as Error).stack);
  }
  const tookMs = performance.now() - startedMs;
  return tookMs > DEADLINE_MS ? `took ${Math.round(tookMs)} ms` : undefined;
}

const trees: SpokenTree[] = [
  {
    feature: 1,
    threshold: 0.5,
    missing: 'nan',
    defaultLeft: true,
    left: { leaf: 1 },
    right: {
      feature: 2,
      threshold: 3,
      categories: [1, 5, 70],
      missing: 'nan',
      defaultLeft: false,
      left: { leaf: 2 },
      right: { leaf: 3 },
    },
  },
];
const fixtures = join(import.meta.dirname, 'convert/fixtures');
const pickles = readdirSync(fixtures)
  .filter(id => existsSync(join(fixtures, id, 'model.pkl.gz')))
  .map(id => gunzipSync(readFileSync(join(fixtures, id, 'model.pkl.gz'))))
  .filter(bytes => bytes.length < 8_000);
const joblibs = ['older-joblib-plain', 'older-joblib-zlib'].map(id =>
  readFileSync(join(fixtures, id, 'model.joblib')),
);
const sample = readFileSync(join(import.meta.dirname, '../../resources/models/spot-price-ridge.onnx'));

describe('a genuine file that was changed at random ends in a value or in a refusal', () => {
  it.each([
    ['pickles', pickles, 1_500],
    ['joblib files', joblibs, 1_500],
    ['a JSON booster', [Buffer.from(JSON.stringify(xgboostJson(trees)))], 1_500],
    ['a text booster', [Buffer.from(lightgbmText(trees))], 1_500],
  ] as const)(
    '%s',
    (_, files, runs) => {
      const roll = dice(20_251_125);
      for (let run = 0; run < runs; run++) {
        const bytes = mutated(files[roll(files.length)] ?? sample, files[roll(files.length)] ?? sample, roll);
        expect(
          misbehaved(() => convertFile(bytes)),
          `run ${run}: ${bytes.toString('base64')}`,
        ).toBeUndefined();
      }
    },
    60_000,
  );

  it('opcodes of pickle in any order', () => {
    const roll = dice(7);
    const codes = Buffer.from(
      '(.012FIJKLMNRSTUVX]abcdeghijlopqrstu})\x80\x81\x85\x86\x87\x88\x89\x8a\x8c\x8e\x90\x91\x93\x94\x95',
      'latin1',
    );
    for (let run = 0; run < 5_000; run++) {
      const soup = Buffer.from(
        Array.from({ length: 2 + roll(80) }, () =>
          roll(5) === 0 ? roll(8) : (codes[roll(codes.length)] ?? 0),
        ),
      );
      const bytes = Buffer.concat([Buffer.of(0x80, 4), soup, Buffer.from('.')]);
      expect(
        misbehaved(() => convertFile(bytes)),
        `run ${run}: ${bytes.toString('base64')}`,
      ).toBeUndefined();
    }
  }, 60_000);

  it('an ONNX file, in the walk before it is loaded', () => {
    const roll = dice(11);
    const path = join(folder, 'walk.onnx');
    for (let run = 0; run < 1_500; run++) {
      const bytes = mutated(sample, sample, roll);
      writeFileSync(path, bytes);
      expect(
        misbehaved(() => readOnnxFile(path)),
        `run ${run}: ${bytes.toString('base64')}`,
      ).toBeUndefined();
      const file = openSync(path, 'r');
      const edits = () => zipMapEdits(new ProtoReader(file, bytes.length));
      expect(misbehaved(edits), `run ${run}: ${bytes.toString('base64')}`).toBeUndefined();
      closeSync(file);
    }
  }, 60_000);

  it('an ONNX file, in the real child, which is started anew where it died', async () => {
    const roll = dice(13);
    const path = join(folder, 'load.onnx');
    const start = () => new InferenceChild({ nodePath: process.execPath }, pino({ level: 'silent' }));
    let child = start();
    const outcomes = new Map<string, number>();
    for (let run = 0; run < 200; run++) {
      writeFileSync(path, mutated(sample, sample, roll));
      const { kind } = await child.load(path);
      outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
      if (!child.isAlive) {
        await child.close();
        child = start();
      }
    }
    await child.close();
    expect([...outcomes.values()].reduce((sum, count) => sum + count, 0)).toBe(200);
    expect(outcomes.get('refused')).toBeGreaterThan(50);
  }, 120_000);
});

describe('an ONNX file of 500 MB', () => {
  it('says what it is by a few reads, however large its weights are', () => {
    const varint = (value: number): number[] =>
      value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
    const weights = 500_000_000;
    // TensorProto { dims, data_type float, name "w", raw_data … }
    const before = [0x08, ...varint(weights / 4), 0x10, 1, 0x42, 1, 0x77, 0x4a, ...varint(weights)];
    const tensor = [0x2a, ...varint(before.length + weights), ...before];
    const node = [0x0a, 6, 0x22, 4, ...Buffer.from('Relu')];
    const graph = [0x3a, ...varint(node.length + tensor.length + weights), ...node, ...tensor];
    const opset = [0x42, 2, 0x10, 19];
    const path = join(folder, 'large.onnx');
    const file = openSync(path, 'w+');
    // A file with a hole: the weights are zeros that take no room on the disk.
    const head = Buffer.from([0x08, 9, ...opset, ...graph]);
    writeFileSync(file, head);
    const meta = Buffer.from([0x72, 6, 0x0a, 1, 0x6b, 0x12, 1, 0x76]);
    writeAt(file, meta, head.length + weights);
    const reader = new ProtoReader(file, head.length + weights + meta.length);
    const facts = readOnnx(reader);
    expect(facts).toMatchObject({ parameters: weights / 4, operators: ['Relu'], metadata: { k: 'v' } });
    expect(reader.bytesRead).toBeLessThan(300_000);
    closeSync(file);
  });
});

function writeAt(file: number, bytes: Buffer, position: number): void {
  expect(writeSync(file, bytes, 0, bytes.length, position)).toBe(bytes.length);
}
