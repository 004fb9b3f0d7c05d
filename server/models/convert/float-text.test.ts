import { expect, it } from 'vitest';
import { floatText } from './float-text.ts';

// What Python 3.11's repr() gives.
it.each([
  [1, '1.0'],
  [-0, '-0.0'],
  [0.5, '0.5'],
  [1e15, '1000000000000000.0'],
  [1e16, '1e+16'],
  [1.5e100, '1.5e+100'],
  [0.0001, '0.0001'],
  [0.00012, '0.00012'],
  [0.00001, '1e-05'],
  [-2.5e-7, '-2.5e-07'],
  [Number.POSITIVE_INFINITY, 'inf'],
])('%d is %s', (value, text) => {
  expect(floatText(value)).toBe(text);
});
