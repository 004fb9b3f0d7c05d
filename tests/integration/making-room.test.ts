import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { Plan, SavingsEntry } from '../../common/contracts/index.ts';
import { beganToEnd, cordonChange } from '../support/effects.ts';
import { type PlanWorld, startPlanWorld } from '../support/plan-world.ts';

let world: PlanWorld;
afterEach(() => world.close());

const scenario = join(import.meta.dirname, '../support/scenarios/makes-room.yaml');

/** The cheapest plan, which evicts one pod from a node that stays. */
async function proposed(): Promise<Plan> {
  const [plan] = await world.until(async () => {
    const found = await world.findPlans('bin-packing');
    return found.length > 0 ? found : undefined;
  }, 'A plan');
  if (!plan) throw new Error('there is no plan');
  // Lists tell the first steps only.
  return world.plan(plan.id);
}

const approve = ({ id }: Plan) => world.call('POST', `/api/v1/optimization/plans/${id}/approve`, {});
const endOf = ({ id }: Plan): Promise<Plan> =>
  world.until(async () => {
    const plan = await world.plan(id);
    return ['approved', 'running', 'stopping'].includes(plan.state) ? undefined : plan;
  }, 'The end of the plan');

/** Does something at the next event of this kind, once. */
const atNext = (
  isWanted: (event: Parameters<typeof cordonChange>[0]) => boolean,
  act: () => Promise<void> | void,
) =>
  new Promise<void>((resolve, reject) => {
    const stop = world.cluster.store.subscribe(event => {
      if (!isWanted(event)) return;
      stop();
      Promise.resolve(act()).then(resolve, reject);
    });
  });

it('moves one pod off a node that stays: not where its budget never lets it, and once although engine and agent are killed', async () => {
  // What saves less than half of a node's price is left, so that nodes go and none of another type come.
  const policy = { allowOtherZones: true, minimumSavingShare: 0.5, drainMs: 8_000 };
  world = await startPlanWorld({ scenario, policy });
  const { store } = world.cluster;
  const forbidden = atNext(
    event => cordonChange(event) === 'cordon',
    () => {
      store.remove('poddisruptionbudgets', 'shop', 'small');
      store.create('poddisruptionbudgets', {
        metadata: { name: 'never', namespace: 'shop' },
        spec: { minAvailable: 1_000, selector: {} },
      });
    },
  );
  const refused = await proposed();
  await approve(refused);
  await forbidden;
  const failed = await endOf(refused);
  expect(failed).toMatchObject({ state: 'failed' });
  expect(failed.outcome).toMatch(
    /^Step evict failed: The deadline passed; pod shop\/\S+ was not evicted: it waited for PodDisruptionBudget shop\/never\. Nodes .* were uncordoned/,
  );
  expect(world.cordoned()).toEqual([]);
  expect(world.effects.evictions).toEqual([]);
  expect(world.effects.deletions).toEqual([]);

  // The budget lets it go again.
  store.remove('poddisruptionbudgets', 'shop', 'never');
  world.effects.cordons.length = 0;
  world.effects.uncordons.length = 0;
  const plan = await proposed();
  const [stays, goes] = [plan.makeRoom?.[0]?.name ?? '', plan.remove[0]?.name ?? ''];
  expect([plan.makeRoom?.length, plan.remove.length, plan.add.length]).toEqual([1, 1, 0]);
  expect(plan.steps.map(({ kind }) => kind).join(' ')).toBe(
    'check cordon cordon evict settle release check drain delete-node',
  );
  expect(plan.reasons.map(({ code }) => code)).toEqual(
    expect.arrayContaining(['makes-room', 'scheduler-decides']),
  );
  const evictedUid = plan.pods.find(({ from }) => from === stays)?.uid ?? '';
  const kills = [
    atNext(
      event => cordonChange(event) === 'cordon',
      async () => {
        await world.killEngine();
        await world.startEngine();
      },
    ),
    atNext(beganToEnd, async () => {
      world.agent.kill();
      await world.agent.ended;
      world.startAgent();
    }),
  ];
  await approve(plan);
  await Promise.all(kills);
  const ended = await endOf(plan);
  expect([ended.state, ended.outcome]).toEqual(['succeeded', expect.any(String)]);
  expect(ended.outcome).toContain('One pod made room for them by leaving nodes that stay.');
  expect(ended.steps.find(({ kind }) => kind === 'settle')?.detail).toBe(
    'The pod runs where it was foreseen.',
  );
  expect(world.cordoned()).toEqual([]);
  const { cordons, uncordons, deletions, evictions } = world.effects;
  expect(cordons.toSorted()).toEqual([goes, stays].toSorted());
  expect(uncordons).toEqual([stays]);
  expect(deletions).toEqual([goes]);
  expect(evictions.filter(uid => uid === evictedUid)).toHaveLength(1);
  const nodes = world.cluster.store.list('pods', 'shop').map(({ spec }) => spec.nodeName);
  expect(nodes).not.toContain(goes);
  expect(nodes).not.toContain(undefined);

  const entry = await world.until(async () => {
    const { entries } = await world.call<{ entries: SavingsEntry[] }>('GET', '/api/v1/admin/savings');
    return entries.find(one => one.planId === plan.id && one.realizedMicroUsd > 0);
  }, 'Realized savings');
  expect(entry.removed).toEqual([goes]);
});
