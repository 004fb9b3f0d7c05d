import { expect, it } from 'vitest';
import { evenMarks, logMarks, valueRange } from './value-axis.ts';

it('marks 1, 2 and 5 of each decade, and even ones in a narrow range', () => {
  expect(logMarks(0.09, 3)).toEqual([0.1, 0.2, 0.5, 1, 2]);
  expect(logMarks(0.101, 0.119)).toEqual([0.105, 0.11, 0.115]);
  expect(evenMarks(0, 1)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
});

it('leaves room around lines and marks, and never goes below zero', () => {
  const line = {
    id: 'a',
    label: 'a',
    colour: '',
    endS: 10,
    atS: Float64Array.of(0, 5),
    values: Float64Array.of(1, 2),
    holesS: new Float64Array(),
  };
  const window = { fromS: 0, toS: 10 };
  expect(valueRange([line], [], window, false)).toEqual({ min: 0.94, max: 2.06 });
  expect(valueRange([line], [10], window, false).max).toBeGreaterThan(10);
  expect(valueRange([line], [0.001], window, false).min).toBe(0);
  expect(valueRange([line], [], { fromS: 0, toS: 4 }, true).max).toBeCloseTo(1.0012, 4);
  expect(valueRange([], [], window, false)).toEqual({ min: 0, max: 1 });
});
