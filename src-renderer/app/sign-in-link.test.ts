import { expect, it, vi } from 'vitest';
import { takeTokenFromAddress } from './sign-in-link.ts';

it('takes the token and cleans the address, keeping the page', () => {
  const replaceState = vi.fn();
  const at = { hash: '#token=abc-_1', pathname: '/models', search: '?x=1' };
  expect(takeTokenFromAddress(at, { replaceState })).toBe('abc-_1');
  expect(replaceState).toHaveBeenCalledWith(null, '', '/models?x=1');
});

it('leaves other addresses alone', () => {
  const replaceState = vi.fn();
  expect(
    takeTokenFromAddress({ hash: '#section', pathname: '/', search: '' }, { replaceState }),
  ).toBeUndefined();
  expect(replaceState).not.toHaveBeenCalled();
});
