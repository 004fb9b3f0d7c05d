import { describe, expect, it } from 'vitest';
import { convertBoosterFile } from './booster-file.ts';
import { type SpokenTree, xgboostJson } from './random-boosters.ts';
import { readUbjson } from './read-ubjson.ts';

/** Big-endian bytes of one number, after its marker. */
function number(marker: string, value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  const put: Record<string, [number, () => void]> = {
    i: [1, () => view.setInt8(0, value)],
    U: [1, () => view.setUint8(0, value)],
    I: [2, () => view.setInt16(0, value)],
    l: [4, () => view.setInt32(0, value)],
    L: [8, () => view.setBigInt64(0, BigInt(value))],
    d: [4, () => view.setFloat32(0, value)],
    D: [8, () => view.setFloat64(0, value)],
  };
  const [size, write] = put[marker] ?? [0, () => undefined];
  write();
  return new Uint8Array(view.buffer.slice(0, size));
}
const latin = (text: string) => Uint8Array.from(text, letter => letter.charCodeAt(0));
const join = (...parts: (string | Uint8Array)[]) =>
  Buffer.concat(parts.map(part => (typeof part === 'string' ? latin(part) : part)));
const text = (value: string) => join('L', number('L', Buffer.byteLength(value)), Buffer.from(value));

/** Writes a document the way XGBoost does: lengths as `L`, arrays of numbers typed and counted. */
function ubjson(value: unknown): Uint8Array {
  if (value === null) return latin('Z');
  if (typeof value === 'boolean') return latin(value ? 'T' : 'F');
  if (typeof value === 'number') return join('D', number('D', value));
  if (typeof value === 'string') return join('S', text(value));
  if (Array.isArray(value)) {
    const count = ['#L', number('L', value.length)];
    if (value.length > 0 && value.every(own => typeof own === 'number')) {
      const marker = value.every(Number.isInteger) ? 'l' : 'd';
      return join(`[$${marker}`, ...count, ...value.map(own => number(marker, own)));
    }
    return join('[', ...count, ...value.map(ubjson));
  }
  return join('{', ...Object.entries(value as object).flatMap(([key, own]) => [text(key), ubjson(own)]), '}');
}

const trees: SpokenTree[] = [
  {
    feature: 1,
    threshold: 0.1,
    missing: 'nan',
    defaultLeft: true,
    left: { leaf: 1.5 },
    right: { leaf: -2.25 },
  },
];

describe('readUbjson', () => {
  it.each([
    ['i', -7],
    ['U', 200],
    ['I', -300],
    ['l', 70_000],
    ['L', -(2 ** 40)],
    ['d', 0.5],
    ['D', 0.1],
  ])('reads numbers and typed arrays of %s', (marker, value) => {
    expect(readUbjson(join(marker, number(marker, value)))).toBe(value);
    const array = join(`[$${marker}#i\x02`, number(marker, value), number(marker, 1));
    expect(readUbjson(array)).toEqual(Float64Array.of(value, 1));
  });

  it('reads open, counted and nested containers, texts, and what stands for nothing', () => {
    const document = { a: 'é', b: [true, false, null], c: { '': [] } };
    expect(readUbjson(ubjson(document))).toEqual(document);
    expect(readUbjson(latin('[NZi\x01CaN]'))).toEqual([null, 1, 'a']);
  });

  it('keeps a key called __proto__ a key', () => {
    const section = readUbjson(join('{', text('__proto__'), 'T', '}'));
    expect(Object.keys(section as object)).toEqual(['__proto__']);
  });

  it('refuses an integer that float64 cannot hold', () => {
    expect(() => readUbjson(join('L', new Uint8Array(8).fill(0x7f)))).toThrow(/beyond 2\^53/);
  });

  it('a model is the same graph from UBJSON as from JSON', () => {
    const document = xgboostJson(trees);
    const fromJson = convertBoosterFile(Buffer.from(JSON.stringify(document)));
    expect(convertBoosterFile(ubjson(document))).toEqual(fromJson);
    expect(fromJson).toMatchObject({ library: 'xgboost', libraryVersion: '1.7.4', columns: 3 });
  });
});
