import { expect, it } from 'vitest';
import { compareCells, matchesSearch } from './table-columns.ts';

it('orders names by their numbers', () => {
  expect(['node-10', 'node-9'].sort(compareCells)).toEqual(['node-9', 'node-10']);
});

it('orders numbers as numbers', () => {
  expect([10, 9, -1].sort(compareCells)).toEqual([-1, 9, 10]);
});

it('finds rows that hold all words, in any cell', () => {
  expect(matchesSearch(['m5.large', 'eu-west-1a', 3], 'M5 1a')).toBe(true);
  expect(matchesSearch(['m5.large', 'eu-west-1a', 3], 'm5 1b')).toBe(false);
});
