import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packInputs, unpackInputs } from './pack-inputs.ts';

/** Bits, so that −0 is not 0 and NaN is NaN. */
const bitsOf = (values: Float64Array) => [...new BigUint64Array(values.buffer)];

describe('packed inputs', () => {
  it('come back to the bit, also −0, infinities and the smallest numbers', () => {
    const inputs = fc
      .record({ rows: fc.integer({ min: 0, max: 20 }), columns: fc.integer({ min: 1, max: 5 }) })
      .chain(({ rows, columns }) =>
        fc.record({
          columns: fc.constant(columns),
          table: fc.float64Array({ minLength: rows * columns, maxLength: rows * columns }),
          output: fc.float64Array({ minLength: rows, maxLength: rows }),
        }),
      );
    fc.assert(
      fc.property(inputs, given => {
        const { columns, table, output } = unpackInputs(packInputs(given));
        expect(columns).toBe(given.columns);
        expect(bitsOf(table)).toEqual(bitsOf(Float64Array.from(given.table)));
        expect(bitsOf(output)).toEqual(bitsOf(Float64Array.from(given.output)));
      }),
    );
  });

  it('say that they are damaged', () => {
    const bytes = packInputs({ columns: 1, table: Float64Array.of(1, 2), output: Float64Array.of(3, 4) });
    const cut = bytes.subarray(0, bytes.length - 6);
    expect(() => unpackInputs(cut)).toThrow(expect.objectContaining({ code: 'storage.damaged' }));
  });
});
