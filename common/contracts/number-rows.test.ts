import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { numberRows } from './number-rows.ts';

const plain = z.array(z.array(z.number().nullable())).min(1).max(100_000);

describe('rows of numbers', () => {
  it.each([
    ['none', []],
    ['too many', Array(100_001).fill([1])],
    ['a text', 'rows'],
    ['nothing', undefined],
    ['a row that is a number', [[1], 2]],
    ['a row that is an object', [{ 0: 1, length: 1 }]],
    ['a cell that is a text', [[1], [1, '2']]],
    ['a cell that is true', [[true]]],
    ['a cell that is left out', [[1, undefined]]],
    ['a hole', [new Array(2)]],
    ['an infinite cell', [[1, Number.POSITIVE_INFINITY]]],
    ['a cell that is no number', [[Number.NaN]]],
    ['many wrong cells', [['a', 'b'], ['c']]],
  ])('that are %s get the words of the plain schema', (_, rows) => {
    const issues = z.object({ rows: numberRows }).safeParse({ rows }).error?.issues;
    expect(issues).toEqual(z.object({ rows: plain }).safeParse({ rows }).error?.issues);
    expect(issues?.length).toBeGreaterThan(0);
  });

  it('are taken as they are, with null for what is missing', () => {
    const rows = [[1, null, -0], [], [1e308]];
    expect(numberRows.parse(rows)).toEqual(rows);
  });

  it('are described as the plain schema is', () => {
    expect(z.toJSONSchema(z.object({ rows: numberRows }))).toEqual(z.toJSONSchema(z.object({ rows: plain })));
  });
});
