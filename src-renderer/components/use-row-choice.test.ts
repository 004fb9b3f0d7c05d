import { expect, it } from 'vitest';
import { afterToggle } from './use-row-choice.ts';

const found = ['a', 'b', 'c', 'd'];

it('chooses one row, and all from the one before with Shift', () => {
  const one = afterToggle(new Set(), found, 'b', undefined);
  expect([...one]).toEqual(['b']);
  expect([...afterToggle(one, found, 'd', 'b')].sort()).toEqual(['b', 'c', 'd']);
  expect([...afterToggle(new Set(['b', 'c', 'd']), found, 'c', 'd')]).toEqual(['b']);
});

it('chooses the row alone where the one before is not found any more', () => {
  expect([...afterToggle(new Set(['x']), found, 'a', 'x')].sort()).toEqual(['a', 'x']);
});
