import { expect, it } from 'vitest';
import { counted, formatCount, formatPercent, formatShare, threeDigits } from './number-text.ts';

it('shows three significant digits', () => {
  expect(threeDigits(0.012345)).toBe('0.0123');
  expect(threeDigits(1234.5)).toBe('1,230');
  expect(threeDigits(-Math.PI)).toBe('−3.14');
  expect(threeDigits(0)).toBe('0');
});

it('puts a unit behind shares', () => {
  expect(formatShare(0.1237)).toBe('12.4 %');
  expect(formatPercent(100)).toBe('100 %');
});

it('shortens counts only where the last digits say nothing', () => {
  expect(formatCount(8204)).toBe('8,204');
  expect(formatCount(124_400)).toBe('124 k');
  expect(formatCount(1_244_000)).toBe('1.24 M');
});

it('counts in words', () => {
  expect(counted(1, 'plan')).toBe('1 plan');
  expect(counted(2, 'plan')).toBe('2 plans');
  expect(counted(0, 'entry', 'entries')).toBe('0 entries');
});
