import { expect, it } from 'vitest';
import type { Plan } from '../../common/contracts/index.ts';
import { listedPlan } from './listed-plan.ts';

const planOf = (pods: number) => ({
  id: 'plan-1',
  pods: Array.from({ length: pods }, (_, uid) => ({ uid })),
});

it('a list tells the first hundred pods of a plan, and how many more there are', () => {
  const large = planOf(10_000) as unknown as Plan;
  const listed = listedPlan(large);
  expect(listed.pods).toEqual(large.pods.slice(0, 100));
  expect(listed.morePods).toBe(9_900);
  expect(large.pods).toHaveLength(10_000);
});

it('a plan of a hundred pods is told whole, and says of no more', () => {
  const small = planOf(100) as unknown as Plan;
  expect(listedPlan(small)).toBe(small);
});
