import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completeRows } from './complete-rows.ts';

const names = ['a', 'b', 'c'];
const value = fc.constantFrom(0, -0, 1, -2.5, Number.NaN, Number.POSITIVE_INFINITY, 1e300, 7, 8, 9);

describe('completeRows', () => {
  it('takes the rows asked for in which everything is known, and counts the first unknown feature of the others', () => {
    const row = fc.record({ values: fc.tuple(value, value, value), isAsked: fc.boolean() });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 40 }), table => {
        const asked = table.flatMap(({ isAsked }, place) => (isAsked ? [place] : []));
        const unknown = new Map<string, number>();
        const { rows, points } = completeRows(
          names,
          { places: Uint32Array.from(asked), values: Float64Array.from(table.flatMap(each => each.values)) },
          unknown,
        );
        const isKnown = (number: number) => Number.isFinite(number);
        const wanted = asked.flatMap((place, point) =>
          table[place]?.values.every(isKnown) ? [{ point, values: table[place]?.values ?? [] }] : [],
        );
        expect([...points]).toEqual(wanted.map(({ point }) => point));
        expect([...rows]).toEqual(wanted.flatMap(({ values }) => values));
        const counts = new Map<string, number>();
        for (const place of asked) {
          const first = names[table[place]?.values.findIndex(number => !isKnown(number)) ?? -1];
          if (first !== undefined) counts.set(first, (counts.get(first) ?? 0) + 1);
        }
        expect(unknown).toEqual(counts);
      }),
    );
  });
});
