import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { Plan } from '../../common/contracts/index.ts';
import { type PlanWorld, startPlanWorld } from '../support/plan-world.ts';

let world: PlanWorld;
afterEach(() => world.close());

it('a plan of several waves moves no pod twice, although the scheduler takes the emptiest node', async () => {
  // One node at a time.
  const policy = { allowOtherZones: true, minimumSavingShare: 0.5, maximumWaveShare: 0.01 };
  world = await startPlanWorld({
    scenario: join(import.meta.dirname, '../support/scenarios/spread-thin.yaml'),
    policy,
  });
  const [found] = await world.until(async () => {
    const plans = await world.findPlans('bin-packing');
    return plans.length > 0 ? plans : undefined;
  }, 'A plan');
  if (!found) throw new Error('there is no plan');
  const plan = await world.plan(found.id);
  const waves = Math.max(...plan.steps.map(({ wave }) => wave));
  expect([plan.remove.length, plan.add.length]).toEqual([waves, 0]);
  expect(waves).toBeGreaterThan(2);

  await world.call('POST', `/api/v1/optimization/plans/${plan.id}/approve`, {});
  const ended = await world.until<Plan>(
    async () => {
      const now = await world.plan(plan.id);
      return ['approved', 'running', 'stopping'].includes(now.state) ? undefined : now;
    },
    'The end of the plan',
    120_000,
  );
  expect(ended.state, ended.outcome ?? '').toBe('succeeded');
  // A pod that was moved has a new uid where it runs then: whoever is evicted was there from the start.
  const { evictions, cordons, deletions } = world.effects;
  const planned = new Set(plan.pods.map(({ uid }) => uid));
  expect(evictions.filter(uid => !planned.has(uid))).toEqual([]);
  expect(evictions.toSorted()).toEqual([...planned].toSorted());
  expect(cordons.toSorted()).toEqual(deletions.toSorted());
  expect(world.cordoned()).toEqual([]);
});
