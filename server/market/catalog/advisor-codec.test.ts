import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packAdvice, unpackAdvice } from './advisor-codec.ts';

const bands = ['<5%', '5-10%', '10-15%', '15-20%', '>20%'].map((label, index) => ({
  label,
  maxPercent: index,
}));

it('gives back what was packed, at its place', () => {
  const entry = fc.option(
    fc.record({ band: fc.integer({ min: 0, max: 4 }), savingsPercent: fc.integer({ min: -100, max: 99 }) }),
    { nil: undefined },
  );
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1 }), entries => {
      const packed = entries.map(one => packAdvice(one, bands.length)).join('');
      for (const [index, one] of entries.entries()) {
        const expected = one && { ...bands[one.band], savingsPercent: one.savingsPercent };
        expect(unpackAdvice(packed, index, bands)).toEqual(expected);
      }
      expect(unpackAdvice(packed, entries.length, bands)).toBeUndefined();
    }),
  );
});
