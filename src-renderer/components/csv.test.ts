import { expect, it } from 'vitest';
import { toCsv } from './csv.ts';

it('quotes what needs quotes and leaves unknown cells empty', () => {
  expect(toCsv(['a', 'b'], [['x,"y"', null]])).toBe('a,b\r\n"x,""y""",');
});

it('keeps negative numbers but disarms formulas in text', () => {
  expect(toCsv(['a', 'b'], [['=1+1', -4]])).toBe("a,b\r\n'=1+1,-4");
});
