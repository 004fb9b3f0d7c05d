import { describe, expect, it } from 'vitest';
import type { DecisionRun, Plan } from '../../common/contracts/index.ts';
import { listedPlan, listedRun } from './listed-plan.ts';

const numbered = <Part>(count: number, part: (index: number) => Part) =>
  Array.from({ length: count }, (_, index) => part(index));
const planOf = (pods: number, steps: number) =>
  ({
    id: 'plan-1',
    reasons: [],
    pods: numbered(pods, uid => ({ uid })),
    remove: numbered(3, uid => ({ uid })),
    add: [],
    steps: numbered(steps, index => ({ index, state: index < 14 ? 'done' : 'waiting' })),
  }) as unknown as Plan;

describe('a plan in a list', () => {
  it('tells ten of each part, how many more there are, and how far the steps are that it leaves out', () => {
    const large = planOf(10_000, 30);
    const listed = listedPlan(large);
    expect(listed.pods).toEqual(large.pods.slice(0, 10));
    expect(listed.steps).toEqual(large.steps.slice(0, 10));
    expect(listed.remove).toEqual(large.remove);
    expect(listed.more).toEqual({ reasons: 0, pods: 9_990, remove: 0, add: 0, steps: 20, stepsEnded: 4 });
    expect(large.pods).toHaveLength(10_000);
  });

  it('is told whole when it is small, and says of no more', () => {
    const small = planOf(10, 10);
    expect(listedPlan(small)).toBe(small);
  });
});

it('a run in a list tells ten nodes that stay, and how many more there are', () => {
  const run = { blocked: numbered(1_000, node => ({ node, reasons: [] })) } as unknown as DecisionRun;
  expect(listedRun(run)).toEqual({ blocked: run.blocked.slice(0, 10), moreBlocked: 990 });
  const few = { blocked: run.blocked.slice(0, 10) } as DecisionRun;
  expect(listedRun(few)).toBe(few);
});
