import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../../common/contracts/index.ts';
import { ann, DecisionRoom, until } from '../decision-room.fixture.ts';
import { type podOn, webWorkloads } from '../small-cluster.fixture.ts';
import { sizedPod, webProposal } from './sizing-proposal.fixture.ts';

/** Plans that resize a workload, in the room of decisions over an agent in memory. */
const WATCH_MS = 10 * 60_000;
let room: DecisionRoom;

beforeEach(async () => {
  room = await DecisionRoom.open();
  room.cluster.changePods(() => [sizedPod('a', 'web-1'), sizedPod('b', 'web-2')]);
  room.sizes = [webProposal()];
});
afterEach(() => room.close());

const propose = () => room.decisions.proposeResize('c1', 'Deployment/shop/web', ann);
const stepsOf = ({ steps }: Plan) => steps.map(({ kind, state }) => `${kind} ${state}`);
const sizesNow = () =>
  room.cluster.observed.inventory.pods.map(pod => pod.containers?.[0]?.requests.cpuMilli);
const isWatching = (id: string) =>
  until(async () => {
    const plan = await room.decisions.get(id);
    return plan.steps.some(({ kind, state }) => kind === 'watch' && state === 'running') && plan;
  });
/** Time passes, and the executor looks again. */
async function pass(ms: number): Promise<void> {
  room.nowMs += ms;
  await room.decisions.start();
}
/** Carries tasks out as they come. */
async function workUntil(id: string, state: Plan['state']): Promise<Plan> {
  return until(async () => {
    if (room.cluster.waiting) room.cluster.work();
    const plan = await room.decisions.get(id);
    return plan.state === state && plan;
  });
}
/** Approved, and the first pod has its new sizes. */
async function toCanary(): Promise<Plan> {
  const { id } = await propose();
  await room.decisions.approve(id, ann);
  await room.waitingTask('resize-pod');
  room.cluster.work();
  return isWatching(id);
}

describe('a resize', () => {
  it('gives one pod its new sizes, watches it, then all, and watches those', async () => {
    const { id, steps } = await toCanary();
    expect(sizesNow().toSorted()).toEqual([200, 500]);
    expect(steps[1]?.pod).toMatchObject({ namespace: 'shop', name: 'web-1' });
    await pass(WATCH_MS - 1);
    expect(sizesNow()).toContain(500);
    await pass(1);
    await room.waitingTask('resize-workload');
    room.cluster.work();
    await until(async () => (await room.decisions.get(id)).steps[5]?.state === 'running');
    await pass(WATCH_MS);
    const done = await room.inState(id, 'succeeded');
    expect(sizesNow()).toEqual([200, 200]);
    expect(done.outcome).toBe('Deployment shop/web has its new sizes, and its pods ran well with them.');
    expect(stepsOf(done).every(text => text.endsWith(' done'))).toBe(true);
    expect(done.cost.savingMicroUsdPerHour).toBe(0);
    expect(done.resize?.givesBackMicroUsdPerHour).toBe(30_000);
  });

  const troubles: [string, () => void, RegExp][] = [
    [
      'killed for want of memory',
      () => changeCanary({ oomKilledAt: room.nowMs }),
      /Container app of pod shop\/web-1 was killed for want of memory\./,
    ],
    ['crashing', () => changeCanary({ waiting: 'CrashLoopBackOff' }), /does not run: CrashLoopBackOff/],
  ];
  it.each(troubles)(
    'is taken back, and touches no second pod, when the first is %s',
    async (_, happen, words) => {
      const { id } = await toCanary();
      happen();
      await pass(60_000);
      const failed = await workUntil(id, 'failed');
      expect(failed.outcome).toMatch(words);
      expect(failed.outcome).toMatch(/Pod shop\/web-1 has its old sizes again; no other pod was touched/);
      expect(sizesNow()).toEqual([500, 500]);
      expect(room.kinds()).toEqual(['resize-pod', 'resize-pod']);
    },
  );

  it('is taken back when it is throttled in three measures in a row, not for a burst', async () => {
    const { id } = await toCanary();
    const measure = async (cpuMilli: number) => {
      room.nowMs += 30_000;
      const used = { cpuMilli, memoryBytes: 1 };
      room.cluster.measured = new Map([
        ['shop/web-1', { at: room.nowMs, containers: [{ name: 'app', used }] }],
      ]);
      await pass(0);
      await new Promise(resolve => setTimeout(resolve, 30));
    };
    for (const cpuMilli of [399, 399, 100, 399, 399]) await measure(cpuMilli);
    expect((await room.decisions.get(id)).state).toBe('running');
    await measure(399);
    expect((await workUntil(id, 'failed')).outcome).toMatch(
      /is throttled: it used 399 m of its limit of 400 m/,
    );
    expect(sizesNow()).toEqual([500, 500]);
  });

  it('is taken back from all pods when one of them is killed after the rollout', async () => {
    const { id } = await toCanary();
    await pass(WATCH_MS);
    await room.waitingTask('resize-workload');
    room.cluster.work();
    await until(async () => (await room.decisions.get(id)).steps[5]?.state === 'running');
    room.cluster.changePods(pods =>
      pods.map(pod =>
        pod.name === 'web-2'
          ? { ...pod, containers: pod.containers?.map(one => ({ ...one, oomKilledAt: room.nowMs })) ?? [] }
          : pod,
      ),
    );
    await pass(1_000);
    const failed = await workUntil(id, 'failed');
    expect(failed.outcome).toMatch(/pod shop\/web-2 was killed.*has its old sizes again\./);
    expect(sizesNow()).toEqual([500, 500]);
  });

  it('is taken back when it is stopped, and when the pods were changed by somebody else meanwhile', async () => {
    const { id } = await toCanary();
    await room.decisions.stopPlan(id, ann);
    const stopped = await workUntil(id, 'stopped');
    expect(stopped.outcome).toMatch(
      /Stopped after check and resize-pod\. Pod shop\/web-1 has its old sizes again/,
    );
    expect(sizesNow()).toEqual([500, 500]);

    const second = await toCanary();
    room.cluster.changePods(pods =>
      pods.map(pod => (pod.name === 'web-2' ? sizedPodOf(pod.name, 700) : pod)),
    );
    await pass(WATCH_MS);
    const stale = await workUntil(second.id, 'stale');
    expect(stale.outcome).toMatch(/Wave 2 was not begun: Pod shop\/web-2 asks for other amounts now/);
    expect(sizesNow()).toEqual([500, 700]);
  });

  it('goes on after a restart of the engine where it was', async () => {
    const { id } = await toCanary();
    await room.decisions.stop();
    room.decisions = await room.another();
    await pass(WATCH_MS);
    await room.waitingTask('resize-workload');
    room.cluster.work();
    expect((await room.decisions.get(id)).steps[1]?.state).toBe('done');
    expect(room.kinds()).toEqual(['resize-pod', 'resize-workload']);
  });

  it('is refused before anything is changed when the workload is another one, and named when nothing is proposed', async () => {
    const { id } = await propose();
    room.cluster.observed = {
      ...room.cluster.observed,
      inventory: {
        ...room.cluster.observed.inventory,
        workloads: webWorkloads.map(one => (one.kind === 'Deployment' ? { ...one, uid: 'other' } : one)),
      },
    };
    await expect(room.decisions.approve(id, ann)).rejects.toThrow(
      'Deployment shop/web was replaced by another one.',
    );
    room.cluster.changePods(pods => pods.map(pod => ({ ...pod, doNotDisrupt: pod.name === 'web-2' })));
    await expect(propose()).rejects.toThrow(
      /proposes no change of Deployment\/shop\/web that a plan could make/,
    );
    room.cluster.changePods(pods => pods.map(pod => ({ ...pod, doNotDisrupt: false })));
    room.sizes = [];
    await expect(propose()).rejects.toThrow(/proposes no change of Deployment\/shop\/web/);
    expect(room.kinds()).toEqual([]);
  });
});

describe('the engine of rightsizing', () => {
  it('proposes each workload once, and none whose resize was taken back within a week', async () => {
    const run = await room.decisions.trigger('c1', ann, 'rightsizing');
    expect(run).toMatchObject({ proposals: 1, nodesConsidered: 0 });
    const [plan] = await room.decisions.plans();
    expect(plan?.title).toBe('Resize Deployment shop/web: CPU 500 m → 200 m, memory 1 GiB → 256 MiB');
    await room.decisions.approve(plan?.id ?? '', ann);
    await room.waitingTask('resize-pod');
    room.cluster.work('failed', 'Infeasible');
    await workUntil(plan?.id ?? '', 'failed');
    expect(await room.decisions.trigger('c1', ann, 'rightsizing')).toMatchObject({ proposals: 0 });
    room.nowMs += 8 * 24 * 3_600_000;
    expect(await room.decisions.trigger('c1', ann, 'rightsizing')).toMatchObject({ proposals: 1 });
  });

  it('does not start by a policy without a week of evidence', async () => {
    await room.decisions.policies.save(
      'c1',
      { document: { mode: 'automatic', automatic: { kinds: ['resize'], maximumPods: 5 } } },
      0,
      ann,
    );
    room.sizes = [webProposal({ automatic: false })];
    await room.decisions.trigger('c1', ann, 'rightsizing');
    expect((await room.decisions.plans())[0]?.state).toBe('proposed');
    room.sizes = [webProposal()];
    await room.decisions.trigger('c1', ann, 'rightsizing');
    const states = (await room.decisions.plans()).map(({ state }) => state);
    expect(states.some(state => state === 'approved' || state === 'running')).toBe(true);
  });
});

function changeCanary(change: { oomKilledAt?: number; waiting?: string }): void {
  room.cluster.changePods(pods =>
    pods.map(pod =>
      pod.name === 'web-1'
        ? { ...pod, ready: false, containers: pod.containers?.map(one => ({ ...one, ...change })) ?? [] }
        : pod,
    ),
  );
}

function sizedPodOf(name: string, cpuMilli: number): ReturnType<typeof podOn> {
  const pod = sizedPod('b', name);
  return {
    ...pod,
    containers: pod.containers?.map(one => ({ ...one, requests: { ...one.requests, cpuMilli } })) ?? [],
  };
}
