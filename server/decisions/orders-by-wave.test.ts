import { expect, it } from 'vitest';
import type { Plan } from '../../common/contracts/index.ts';
import { ordersByWave } from './orders-by-wave.ts';

it('orders each node with the first wave that needs it, and what no wave needs with the first', () => {
  const move = (from: string | null, to: string | null) => ({ from, to });
  const plan = {
    add: ['new-1', 'new-2', 'new-3', 'new-4'].map(key => ({ key })),
    pods: [
      move('b', 'new-1'),
      move('a', 'stays'),
      move('c', 'new-2'),
      move('b', 'new-2'),
      move(null, 'new-4'),
    ],
  } as unknown as Plan;
  const waves = [['a'], ['b'], ['c']];
  expect(ordersByWave(plan, waves)).toEqual([[2, 3], [0, 1], []]);
});
