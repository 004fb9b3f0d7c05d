import { expect, it } from 'vitest';
import { apiPath, pagePart } from './api-path.ts';

it('fills names of the path and escapes them', () => {
  expect(apiPath('/plans/:id/stop', { id: 'a/b' })).toBe('/plans/a%2Fb/stop');
});

it('leaves out what is not asked', () => {
  expect(apiPath('/pools', {}, { region: undefined, search: '', limit: 5 })).toBe('/pools?limit=5');
});

it('hides dots of a page address from servers that look for a file ending', () => {
  expect(pagePart('m5.large/Linux')).toBe('m5%2Elarge%2FLinux');
  expect(decodeURIComponent(pagePart('ip-10.eu'))).toBe('ip-10.eu');
});
