import { expect, it } from 'vitest';
import type { PlanStep } from '../../../common/contracts/index.ts';
import { FEW_STEPS, stepsInSight } from './steps-in-sight.ts';

/** Steps of which so many are done; `others` stand otherwise. */
const steps = (count: number, done: number, others: Record<number, PlanStep['state']> = {}): PlanStep[] =>
  Array.from({ length: count }, (_, index) => ({
    index,
    wave: 1,
    kind: 'cordon',
    node: null,
    taskId: null,
    state: others[index] ?? (index < done ? 'done' : 'waiting'),
    startedAt: null,
    endedAt: null,
    detail: null,
  }));
const told = ({ shown, before, after }: ReturnType<typeof stepsInSight>) => [
  before,
  shown[0]?.index,
  shown.at(-1)?.index,
  after,
];

it('tells all steps of a short plan', () => {
  expect(told(stepsInSight(steps(FEW_STEPS, 3)))).toEqual([0, 0, FEW_STEPS - 1, 0]);
});

it('tells the present of a long plan: what comes next, and a little of what was', () => {
  expect(told(stepsInSight(steps(10_000, 0)))).toEqual([0, 0, 39, 9_960]);
  expect(told(stepsInSight(steps(10_000, 5_000)))).toEqual([4_995, 4_995, 5_034, 4_965]);
  expect(told(stepsInSight(steps(10_000, 10_000)))).toEqual([9_960, 9_960, 9_999, 0]);
});

it('tells what failed and what runs beside wherever it is', () => {
  const sight = stepsInSight(steps(10_000, 5_000, { 7: 'failed', 6000: 'running' }));
  expect(told(sight)).toEqual([4_994, 7, 6_000, 4_964]);
  expect(sight.shown).toHaveLength(42);
});

it('tells as many as are wanted', () => {
  expect(told(stepsInSight(steps(10_000, 0), 240))).toEqual([0, 0, 239, 9_760]);
});
