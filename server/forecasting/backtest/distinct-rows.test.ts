import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distinctRows } from './distinct-rows.ts';

describe('distinctRows', () => {
  it('gives each row back, and no row twice', () => {
    const value = fc.constantFrom(0, -0, 1, -1, 0.5, Number.MIN_VALUE, 1e300);
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value, value), { maxLength: 60 }), list => {
        const table = Float64Array.from(list.flat());
        const { rows, placeOf } = distinctRows(table, 3);
        const rowAt = (from: Float64Array, place: number) => [...from.subarray(place * 3, place * 3 + 3)];
        for (const [row, place] of placeOf.entries()) expect(rowAt(rows, place)).toEqual(rowAt(table, row));
        const texts = Array.from({ length: rows.length / 3 }, (_, place) =>
          rowAt(rows, place)
            .map(number => (Object.is(number, -0) ? '-0' : String(number)))
            .join(' '),
        );
        expect(new Set(texts).size).toBe(texts.length);
        expect(new Set(placeOf).size).toBe(texts.length);
      }),
    );
  });

  it('takes a part of a larger table', () => {
    const whole = Float64Array.of(9, 9, 1, 2, 1, 2, 3, 4);
    const { rows, placeOf } = distinctRows(whole.subarray(2), 2);
    expect([...rows]).toEqual([1, 2, 3, 4]);
    expect([...placeOf]).toEqual([0, 0, 1]);
  });
});
