import { expect, it } from 'vitest';
import { formatRelative } from './time-text.ts';

const now = Date.UTC(2026, 10, 23, 12);

it('says how long ago in the two parts that matter', () => {
  expect(formatRelative(now - 42_000, now)).toBe('42 s ago');
  expect(formatRelative(now - 61_000, now)).toBe('1 min ago');
  expect(formatRelative(now - 3 * 3_600_000 - 300_000, now)).toBe('3 h 5 min ago');
});

it('looks ahead', () => {
  expect(formatRelative(now + 86_400_000, now)).toBe('in 1 d');
});

it('gives a date for what is far', () => {
  expect(formatRelative(now - 60 * 86_400_000, now)).toMatch(/2026/);
});
