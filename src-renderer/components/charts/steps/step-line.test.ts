import { describe, expect, it } from 'vitest';
import { rasterizeSteps } from './rasterize-steps.ts';
import { inForce, rangeWithin, type StepLine, stepLineOf } from './step-line.ts';

const line: StepLine = stepLineOf(
  {
    pool: 'p',
    atS: [0, 10, 10, 40],
    price: [1_000_000, 3_000_000, 2_000_000, 5_000_000],
    holes: [30, 60],
    records: 4,
    isThinned: false,
  },
  { label: 'p', colour: 'red', endS: 80 },
);

describe('a step line', () => {
  it('tells what is in force, and nothing in holes and after the end', () => {
    expect(inForce(line, -1)).toBeUndefined();
    expect(inForce(line, 9)).toEqual({ value: 1, sinceS: 0 });
    expect(inForce(line, 10)).toEqual({ value: 3, sinceS: 10 });
    expect(inForce(line, 29)).toEqual({ value: 2, sinceS: 20 });
    expect(inForce(line, 30)).toBeUndefined();
    expect(inForce(line, 60)).toEqual({ value: 5, sinceS: 60 });
    expect(inForce(line, 81)).toBeUndefined();
  });

  it('knows its range within a window, the value in force at its begin included', () => {
    expect(rangeWithin(line, 5, 9)).toEqual({ low: 1, high: 1 });
    expect(rangeWithin(line, 5, 25)).toEqual({ low: 1, high: 3 });
    expect(rangeWithin(line, 90, 99)).toBeUndefined();
  });

  it('is drawn level and upright, with a gap where the hole is', () => {
    const [width, height] = [80, 6];
    const pixels = new Uint32Array(width * height);
    const placement = { fromS: 0, toS: 80, yOf: (value: number) => 5 - value, thickness: 1 };
    rasterizeSteps({ pixels, width, height }, line, 7, placement);
    const column = (x: number) => Array.from({ length: height }, (_, y) => pixels[y * width + x]);
    expect(column(5)).toEqual([0, 0, 0, 0, 7, 0]);
    // Upright from 1 to 3 where the step is.
    expect(column(10)).toEqual([0, 0, 7, 7, 7, 0]);
    expect(column(45)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(column(70)).toEqual([7, 0, 0, 0, 0, 0]);
  });
});
