import { expect, it, vi } from 'vitest';
import { api } from '../../common/contracts/index.ts';

vi.mock('zod', () => import('./schema-stand-in.ts'));

it('lets every contract be written down with its path, method and whether it has a body', () => {
  expect(api.market.fillGap).toMatchObject({ method: 'POST', path: '/api/v1/ml/gap-filler/fill' });
  expect(api.market.fillGap.body).toBeDefined();
  expect('body' in api.access.me).toBe(false);
});
