import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../../common/contracts/index.ts';
import { ann, DecisionRoom, until } from '../decision-room.fixture.ts';
import { freshSteps } from '../plan-progress.ts';
import { PlanStore } from '../plan-store.ts';
import { roomOrder } from './room-steps.ts';

const machine = {
  instanceType: 'm5.xlarge',
  zone: 'us-east-1a',
  capacityType: 'on-demand' as const,
  priceMicroUsdPerHour: 192_000,
};

let room: DecisionRoom;
beforeEach(async () => {
  room = await DecisionRoom.open();
  room.cluster.nowMs = () => room.nowMs;
});
afterEach(() => room.close());

/** An approved plan that moves the pod of a, which stays, to d, and then removes c. */
async function approved(): Promise<string> {
  const { id } = await room.proposed('c');
  const found = await room.decisions.get(id);
  const node = (name: string) => ({ name, uid: `uid-${name}`, ...machine });
  const pod = {
    namespace: 'shop',
    name: 'web-1',
    uid: 'uid-web-1',
    owner: 'Deployment/shop/web',
    from: 'a',
    to: 'd',
    requests: null,
  };
  const plan: Plan = {
    ...found,
    kind: 'repack',
    remove: [node('c')],
    makeRoom: [{ ...node('a'), nodePool: null }],
    pods: [pod],
    add: [],
  };
  const steps = freshSteps([
    { remove: [], order: [], room: roomOrder(plan, ['a']) },
    { remove: plan.remove, order: [] },
  ]);
  const store = new PlanStore(room.database);
  await store.write(transaction => store.insertPlan(transaction, { ...plan, id: 'made', steps }));
  await room.decisions.approve('made', ann);
  return 'made';
}

async function work(...wanted: string[]): Promise<void> {
  for (const kind of wanted) {
    await room.waitingTask(kind);
    room.cluster.work();
  }
}

const shut = () => room.cluster.observed.nodes.filter(({ cordoned }) => cordoned).map(({ name }) => name);
const detailOf = async (id: string, kind: string) =>
  (await room.decisions.get(id)).steps.find(step => step.kind === kind)?.detail ?? '';

describe('a plan that moves a pod off a node that stays', () => {
  it('keeps the node shut while the pod looks for a place, tells where it runs, and goes on', async () => {
    room.cluster.landsOn = () => 'd';
    const id = await approved();
    await work('cordon', 'cordon');
    expect(shut()).toEqual(['a', 'c']);
    await room.waitingTask('evict');
    expect(room.cluster.waiting?.action).toEqual({
      kind: 'evict',
      pod: { namespace: 'shop', name: 'web-1', uid: 'uid-web-1' },
    });
    await work('evict', 'uncordon');
    expect(shut()).toEqual(['c']);
    await work('drain', 'delete-node');
    await room.inState(id, 'succeeded');
    expect(shut()).toEqual([]);
    expect(await detailOf(id, 'settle')).toBe('The pod runs where it was foreseen.');
  });

  it('says where the scheduler put the pod instead', async () => {
    room.cluster.landsOn = () => 'e';
    const id = await approved();
    await work('cordon', 'cordon', 'evict', 'uncordon', 'drain', 'delete-node');
    await room.inState(id, 'succeeded');
    expect(await detailOf(id, 'settle')).toBe(
      '0 of 1 pod run where foreseen; the scheduler chose otherwise for the rest: a pod of Deployment/shop/web runs on node e.',
    );
  });

  it('ends stale, with nothing left shut, when the scheduler left no room for the next wave', async () => {
    room.cluster.landsOn = () => 'd';
    const id = await approved();
    await work('cordon', 'cordon', 'evict');
    await room.waitingTask('uncordon');
    const { inventory } = room.cluster.observed;
    const huge = { requests: { cpuMilli: 3_900, memoryBytes: 1 } };
    const [one] = inventory.pods;
    if (!one) throw new Error('there are pods');
    room.cluster.changePods(pods => [
      ...pods,
      ...['a', 'b', 'c', 'd', 'e'].map(on => ({
        ...one,
        ...huge,
        name: `x-${on}`,
        uid: `uid-x-${on}`,
        nodeName: on,
        createdAt: 0,
      })),
    ]);
    await work('uncordon', 'uncordon');
    const ended = await room.inState(id, 'stale');
    expect(ended.outcome).toMatch(/^Wave 2 was not begun: Pod shop\/x-c of node c would find no place now/);
    expect(shut()).toEqual([]);
  });

  it.each<[string, (id: string) => Promise<unknown>]>([
    [
      'no place is found in time',
      () => {
        room.nowMs += 60 * 60_000;
        return room.decisions.start();
      },
    ],
    ['it is stopped', id => room.decisions.stopPlan(id, ann)],
  ])('gives its nodes back when %s', async (_, act) => {
    const id = await approved();
    await work('cordon', 'cordon', 'evict');
    await until(async () => /has no node yet/.test(await detailOf(id, 'settle')));
    await act(id);
    await work('uncordon', 'uncordon');
    const ended = await until(async () => {
      const plan = await room.decisions.get(id);
      return ['failed', 'stopped'].includes(plan.state) && plan;
    });
    expect(ended.outcome).toContain('Nodes c, a were uncordoned and take pods again.');
    expect(shut()).toEqual([]);
    expect(room.kinds()).not.toContain('drain');
  });

  it('does not move a pod that has left by itself', async () => {
    room.cluster.changePods(pods => pods.filter(({ name }) => name !== 'web-1'));
    const id = await approved();
    await work('cordon', 'cordon', 'uncordon', 'drain', 'delete-node');
    await room.inState(id, 'succeeded');
    expect(await detailOf(id, 'evict')).toBe('Pod web-1 had left already.');
  });

  it('goes on where it was after the engine was started anew at each step', async () => {
    room.cluster.landsOn = () => 'd';
    const id = await approved();
    for (const kind of ['cordon', 'cordon', 'evict', 'uncordon', 'drain', 'delete-node']) {
      await room.waitingTask(kind);
      await room.decisions.stop();
      room.cluster.work('done', 'done', true);
      room.decisions = await room.another();
      await room.decisions.start();
    }
    await room.inState(id, 'succeeded');
    expect(shut()).toEqual([]);
    expect(room.kinds().filter(kind => kind === 'evict')).toHaveLength(1);
  });
});
