import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../common/errors.ts';
import { JsonMemberScanner } from './json-member-scanner.ts';

/** Takes every member of the root and of `inside`, the text coming in pieces of `size` bytes. */
function read(text: string, size = 1_000): [string, unknown][] {
  const taken: [string, unknown][] = [];
  const scanner = new JsonMemberScanner({
    choose: path =>
      path.length === 1 && path[0] === 'inside' ? 'enter' : path[0] === 'not' ? 'skip' : 'take',
    take: (path, json) => taken.push([path.join('/'), JSON.parse(json.toString())]),
  });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) scanner.push(bytes.subarray(at, at + size));
  scanner.end();
  return taken;
}

function refusal(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
  throw new Error('it was read');
}

describe('JsonMemberScanner', () => {
  it('takes, enters and skips', () => {
    const text = '{"a": 1, "inside": {"b": [1, {"c": "}"}], "d": null}, "not": {"x": "]\\"}"}, "e": "f"}';
    expect(read(text)).toEqual([
      ['a', 1],
      ['inside/b', [1, { c: '}' }]],
      ['inside/d', null],
      ['e', 'f'],
    ]);
  });

  it('reads any object the same as JSON.parse, wherever the chunks are cut', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue()),
        fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue()),
        fc.integer({ min: 1, max: 7 }),
        fc.boolean(),
        (outer, inside, size, isIndented) => {
          const value = Object.fromEntries(
            Object.entries(outer).filter(([key]) => !['inside', 'not', '__proto__'].includes(key)),
          );
          const text = JSON.stringify({ ...value, not: inside, inside }, null, isIndented ? 2 : 0);
          const parsed = JSON.parse(text) as Record<string, unknown>;
          const expected = Object.entries(parsed).flatMap(([key, of]): [string, unknown][] =>
            key === 'not'
              ? []
              : key === 'inside'
                ? Object.entries(of as object).map(([name, inner]) => [`inside/${name}`, inner])
                : [[key, of]],
          );
          expect(read(text, size)).toEqual(expected);
        },
      ),
    );
  });

  it('says where it stops being JSON', () => {
    expect(refusal('<!DOCTYPE html><html>')).toContain('begins with "<!DOCTYPE html><html>"');
    expect(refusal('[1]')).toContain('begins with "[1]"');
    expect(refusal('{"a" 1}')).toContain('At byte 5 it has "1}"');
    expect(refusal('{"a": 1} x')).toContain('At byte 9 it has "x"');
    expect(refusal('{"a": 1,}')).toContain('At byte 8');
    expect(refusal('')).toBe('It is empty.');
  });

  it('says within what it is cut off', () => {
    expect(refusal('{"inside": {"b": [1, 2')).toContain('cut off after 22 bytes, within "inside.b"');
    expect(refusal('{"a": 1')).toContain('cut off after 7 bytes');
  });

  it('does not keep a value without end in memory', () => {
    expect(refusal(`{"a": "${'x'.repeat(5 * 1024 ** 2)}`)).toContain('longer than 4194304 bytes');
  });
});
