import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { api, type Plan, type RightsizingAnswer } from '../../common/contracts/index.ts';
import { MEMORY_ANNOTATION } from '../../simulator/cluster/index.ts';
import { type PlanWorld, startPlanWorld } from '../support/plan-world.ts';

/** Sizes changed by the real agent on the pretend cluster. */
let world: PlanWorld;
let clusterId: string;

beforeAll(async () => {
  world = await startPlanWorld({ policy: { resizeWatchMs: 3_000 } });
  clusterId = await world.clusterId();
  await world.rememberUsage(clusterId, 15);
  await world.clusterId();
}, 120_000);
afterAll(() => world?.close());

const deployment = (name: string) => world.cluster.store.get('deployments', 'shop', name);
const memoryOf = (name: string) => deployment(name)?.spec.template.spec.containers[0]?.resources;
const podsOf = (name: string) =>
  world.cluster.store
    .list('pods')
    .filter(pod => pod.metadata.namespace === 'shop' && pod.metadata.name.startsWith(`${name}-`));

async function planFor(workload: string): Promise<Plan> {
  return world.call('POST', api.rightsizing.plan.path.replace(':id', clusterId), { workload });
}
const approve = (id: string) => world.call('POST', api.decisions.approvePlan.path.replace(':id', id), {});
const ended = (id: string) =>
  world.until(async () => {
    const plan = await world.plan(id);
    return ['succeeded', 'failed', 'stale', 'stopped'].includes(plan.state) ? plan : undefined;
  }, `The end of plan ${id}`);

describe('a resize by a real agent', () => {
  it('is recommended from what pods used, tried on one pod without a restart, and rolled out', async () => {
    const answer = await world.call<RightsizingAnswer>(
      'GET',
      api.rightsizing.recommendations.path.replace(':id', clusterId),
    );
    const search = answer.proposals.find(({ workload }) => workload.key === 'Deployment/shop/search');
    expect(search?.automatic).toBe(true);
    const inPlace = new Set<string>();
    let templateChanged = false;
    const stop = world.cluster.store.subscribe(({ resource, object, previous }) => {
      if (resource === 'deployments' && object.metadata.name === 'search')
        templateChanged ||= JSON.stringify(object.spec) !== JSON.stringify(previous?.spec);
      if (resource === 'pods' && previous && !templateChanged && object.spec !== previous.spec)
        inPlace.add(object.metadata.name);
    });
    const plan = await planFor('Deployment/shop/search');
    expect(plan).toMatchObject({ kind: 'resize', state: 'proposed', remove: [], add: [] });
    await approve(plan.id);
    const done = await ended(plan.id);
    stop();
    expect(done.state, done.outcome ?? '').toBe('succeeded');
    expect([...inPlace]).toEqual([done.steps[1]?.pod?.name]);
    const { recommended } = search ?? {};
    expect(memoryOf('search')?.requests?.cpu).toBe(`${recommended?.cpuRequestMilli}m`);
    const pods = podsOf('search').filter(pod => !pod.metadata.deletionTimestamp);
    expect(pods).toHaveLength(5);
    for (const pod of pods) {
      expect(pod.spec.containers[0]?.resources).toEqual(memoryOf('search'));
      expect(pod.status?.containerStatuses?.[0]?.restartCount).toBe(0);
    }
    const { entries } = await world.call<{ entries: unknown[] }>('GET', '/api/v1/admin/savings');
    expect(entries).toEqual([]);
  }, 180_000);

  it('is taken back within seconds when the first pod is killed for want of memory; no other is touched', async () => {
    const before = memoryOf('cart');
    const untouched = new Set(podsOf('cart').map(({ metadata }) => metadata.uid));
    const { id } = await planFor('Deployment/shop/cart');
    await approve(id);
    const canary = await world.until(async () => {
      const { steps } = await world.plan(id);
      return steps[1]?.state === 'done' ? steps[1].pod : undefined;
    }, 'The first pod');
    world.cluster.store.update('pods', 'shop', canary.name, pod => ({
      ...pod,
      metadata: { ...pod.metadata, annotations: { [MEMORY_ANNOTATION]: String(2 ** 34) } },
    }));
    const failed = await ended(id);
    expect(failed.state).toBe('failed');
    expect(failed.outcome).toMatch(/killed for want of memory.*no other pod was touched/);
    expect(memoryOf('cart')).toEqual(before);
    const pods = podsOf('cart');
    expect(new Set(pods.map(({ metadata }) => metadata.uid))).toEqual(untouched);
    for (const pod of pods) expect(pod.spec.containers[0]?.resources).toEqual(before);
  }, 120_000);

  it('goes on where it was when the agent is killed while it resizes', async () => {
    const { id } = await planFor('Deployment/shop/checkout');
    const stop = world.cluster.store.subscribe(({ resource, object, previous }) => {
      if (resource !== 'pods' || !previous || object.spec === previous.spec) return;
      stop();
      world.agent.kill();
      void world.agent.ended.then(() => world.startAgent());
    });
    await approve(id);
    const done = await ended(id);
    expect(done.state, done.outcome ?? '').toBe('succeeded');
    expect(done.steps.map(({ state }) => state)).toEqual(Array(6).fill('done'));
  }, 180_000);
});
