import { afterEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../common/contracts/index.ts';
import { beganToEnd, cordonChange } from '../support/effects.ts';
import { type PlanWorld, startPlanWorld } from '../support/plan-world.ts';

let world: PlanWorld;
afterEach(() => world.close());

type StoreEvent = Parameters<typeof cordonChange>[0];

/** Approves the plan of a run that moves most pods; its node, and the pods that must go. */
async function approveOne(): Promise<{ plan: Plan; node: string }> {
  const plans = await world.until(async () => {
    const found = await world.findPlans();
    return found.length > 0 ? found : undefined;
  }, 'A plan');
  const [plan] = plans.toSorted((a, b) => b.pods.length - a.pods.length);
  if (!plan) throw new Error('there is no plan');
  await world.call('POST', `/api/v1/optimization/plans/${plan.id}/approve`, {});
  return { plan, node: plan.remove[0]?.name ?? '' };
}

async function endOf({ id }: Plan): Promise<Plan> {
  const ended = await world.until(
    async () => {
      const plan = await world.plan(id);
      return ['approved', 'running', 'stopping'].includes(plan.state) ? undefined : plan;
    },
    'The end of the plan',
    240_000,
  );
  return ended;
}

/** Does something at the next event of this kind, once; resolves when that is done. */
function atNext(isWanted: (event: StoreEvent) => boolean, act: (event: StoreEvent) => Promise<void> | void) {
  return new Promise<void>((resolve, reject) => {
    const stop = world.cluster.store.subscribe(event => {
      if (!isWanted(event)) return;
      stop();
      Promise.resolve(act(event)).then(resolve, reject);
    });
  });
}

const restartEngine = async () => {
  await world.killEngine();
  await world.startEngine();
};

/** Resolves once the pretend account has an instance. */
const launched = () => world.until(() => world.cluster.ec2.list()[0]?.instanceId, 'An instance', 240_000);

/** A budget over every pod of a namespace, which allows nothing. */
function forbid(namespace: string): void {
  const { store } = world.cluster;
  for (const { metadata } of store.list('poddisruptionbudgets', namespace))
    store.remove('poddisruptionbudgets', namespace, metadata.name);
  store.create('poddisruptionbudgets', {
    metadata: { name: 'never', namespace },
    spec: { minAvailable: 1_000, selector: {} },
  });
}

describe('a plan between a real engine and a real agent', () => {
  it('is carried out once although the engine is killed at every step', async () => {
    world = await startPlanWorld();
    const kills = [
      atNext(event => cordonChange(event) === 'cordon', restartEngine),
      atNext(beganToEnd, restartEngine),
      atNext(({ resource, type }) => resource === 'nodes' && type === 'DELETED', restartEngine),
    ];
    const { plan, node } = await approveOne();
    await Promise.all(kills);
    const ended = await endOf(plan);
    expect(ended).toMatchObject({ state: 'succeeded' });
    const { cordons, uncordons, deletions, evictions } = world.effects;
    expect({ cordons, uncordons, deletions }).toEqual({ cordons: [node], uncordons: [], deletions: [node] });
    expect(new Set(evictions).size).toBe(evictions.length);
    expect(evictions.toSorted()).toEqual(expect.arrayContaining(plan.pods.map(({ uid }) => uid)));
    expect(world.cordoned()).toEqual([]);
  });

  it('goes on once although the agent is killed in the middle of the drain', async () => {
    world = await startPlanWorld();
    const killed = atNext(beganToEnd, async () => {
      world.agent.kill();
      await world.agent.ended;
      world.startAgent();
    });
    const { plan, node } = await approveOne();
    await killed;
    expect(await endOf(plan)).toMatchObject({ state: 'succeeded' });
    const { cordons, deletions, evictions } = world.effects;
    expect({ cordons, deletions }).toEqual({ cordons: [node], deletions: [node] });
    expect(new Set(evictions).size).toBe(evictions.length);
    expect(world.cordoned()).toEqual([]);
  });

  it('gives its node back when a budget never allows the drain, also to an engine that is killed on the way', async () => {
    world = await startPlanWorld({ policy: { drainMs: 30_000 } });
    const forbidden = atNext(
      event => cordonChange(event) === 'cordon',
      async () => {
        for (const { metadata } of world.cluster.store.list('namespaces')) forbid(metadata.name);
        await restartEngine();
      },
    );
    const uncordoned = atNext(event => cordonChange(event) === 'uncordon', restartEngine);
    const { plan, node } = await approveOne();
    await Promise.all([forbidden, uncordoned]);
    const ended = await endOf(plan);
    expect(ended).toMatchObject({ state: 'failed' });
    expect(ended.outcome).toMatch(
      /^Step drain failed: The deadline passed; 0 of \d pods evicted.* was uncordoned/,
    );
    expect(world.cordoned()).toEqual([]);
    const { cordons, deletions } = world.effects;
    expect(cordons).toEqual([node]);
    expect(deletions).toEqual([]);
  });

  it('orders its node once although the engine is killed when EC2 has launched it, and when it has joined', async () => {
    world = await startPlanWorld({ ordersNodes: true });
    const nodes = world.cluster.store.list('nodes').length;
    const { plan, node } = await approveOne();
    const joined = atNext(({ resource, type }) => resource === 'nodes' && type === 'ADDED', restartEngine);
    await launched();
    await joined;
    const ended = await endOf(plan);
    expect(ended).toMatchObject({ state: 'succeeded' });
    expect(world.cluster.ec2.list()).toMatchObject([
      {
        state: 'running',
        instanceType: plan.add[0]?.instanceType,
        zone: plan.add[0]?.zone,
        lifecycle: 'spot',
      },
    ]);
    expect(world.cluster.store.list('nodes')).toHaveLength(nodes);
    const { cordons, uncordons, deletions, evictions } = world.effects;
    expect({ cordons, uncordons, deletions }).toEqual({ cordons: [node], uncordons: [], deletions: [node] });
    expect(new Set(evictions).size).toBe(evictions.length);
    const kinds = ended.steps.map(({ kind }) => kind).join(' ');
    expect(kinds).toBe('check add-node wait-ready check cordon drain delete-node');
  });

  it('gives back an instance that never becomes a ready node, and touches nothing else', async () => {
    world = await startPlanWorld({ ordersNodes: true, policy: { nodeReadyMs: 20_000 } });
    world.cluster.ec2.setFault('never-ready');
    const { plan } = await approveOne();
    const instanceId = await launched();
    await restartEngine();
    const ended = await endOf(plan);
    expect(ended).toMatchObject({ state: 'failed' });
    expect(ended.outcome).toMatch(
      new RegExp(
        `^Step wait-ready failed: Instance ${instanceId} brought no ready node in .* is not ready. Instance ${instanceId}, which came for it, is terminated.$`,
      ),
    );
    await expect.poll(() => world.cluster.ec2.list().map(({ state }) => state)).toEqual(['terminated']);
    expect(world.cordoned()).toEqual([]);
    expect(world.effects.evictions).toEqual([]);
    expect(world.effects.deletions).not.toContain(plan.remove[0]?.name);
  });
});
